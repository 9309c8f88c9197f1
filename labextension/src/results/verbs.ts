import verbs from './verbs.json';

/** One option of a verb, as its parser has it. */
export interface IOption {
  name: string;
  label: string;
  help?: string;
  kind: 'text' | 'number' | 'choice' | 'tick' | 'list';
  choices?: string[];
  required?: boolean;
  default?: string;
}

/** What a verb is for, and what may be asked of it. */
export interface IVerb {
  purpose: string;
  options: IOption[];
}

/** Verbs that are asked with POST: they take long. */
const POSTED = ['check', 'prune'];

/** A verb that can be shown; nothing is known of others. */
export function verbNamed(verb: string): IVerb {
  return (verbs as Record<string, IVerb>)[verb] ?? { purpose: '', options: [] };
}

/** Whether it is carried out, and not only looked up. */
export function isPosted(verb: string): boolean {
  return POSTED.includes(verb);
}
