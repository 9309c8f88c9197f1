import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Options } from '../api';
import { ChoiceField, TextField, Tick } from '../forms/fields';
import type { IOption } from './verbs';

/** The fields of a verb's options. */
export function OptionFields(props: {
  options: readonly IOption[];
  values: Options;
  trans: TranslationBundle;
  onChange: (values: Options) => void;
}): JSX.Element {
  const { options, values, trans, onChange } = props;
  return (
    <>
      {options.map(option => {
        const { name, label, help } = option;
        const value = values[name];
        const set = (next: Options[string]): void =>
          onChange({ ...values, [name]: next });
        if (option.kind === 'tick') {
          return (
            <Tick
              key={name}
              label={label}
              hint={help}
              checked={value === true}
              onChange={set}
            />
          );
        }
        if (option.kind === 'choice') {
          const choices = (option.choices ?? []).map(each => [each, each]);
          return (
            <ChoiceField
              key={name}
              label={label}
              hint={help}
              value={String(value ?? option.default ?? '')}
              choices={
                (option.default
                  ? choices
                  : [['', trans.__('any')], ...choices]) as [string, string][]
              }
              onChange={set}
            />
          );
        }
        const list = option.kind === 'list';
        return (
          <TextField
            key={name}
            label={label}
            hint={help}
            value={Array.isArray(value) ? value.join(' ') : String(value ?? '')}
            placeholder={option.default}
            type={option.kind === 'number' ? 'number' : 'text'}
            onChange={text =>
              set(
                list
                  ? text.split(/\s+/)
                  : option.kind === 'number' && text
                    ? Number(text)
                    : text
              )
            }
          />
        );
      })}
    </>
  );
}

/** The options that were given: without empty fields. */
export function given(values: Options): Options {
  const some = Object.entries(values)
    .map(([name, value]): [string, Options[string]] => [
      name,
      Array.isArray(value) ? value.filter(Boolean) : value
    ])
    .filter(
      ([, value]) =>
        value !== '' &&
        value !== false &&
        value !== null &&
        value !== undefined &&
        !(Array.isArray(value) && !value.length)
    );
  return Object.fromEntries(some);
}
