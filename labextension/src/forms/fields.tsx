import React, { useId } from 'react';

/** What all fields have: a label, and below the field what is wrong or else how to fill it. */
interface IFieldProps {
  label: string;
  hint?: React.ReactNode;
  problem?: string | null;
}

/** The ids that tie a field to its label and to the text below. */
interface ITies {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

/** A labelled field; `children` makes the control itself. */
export function Field(
  props: IFieldProps & { children: (ties: ITies) => React.ReactNode }
): JSX.Element {
  const id = useId();
  const { label, hint, problem } = props;
  const below = problem || hint;
  return (
    <div className="jk-Field">
      <label htmlFor={id} className="jk-Field-label">
        {label}
      </label>
      {props.children({
        id,
        'aria-describedby': below ? `${id}-below` : undefined,
        'aria-invalid': problem ? true : undefined
      })}
      {below && (
        <div
          id={`${id}-below`}
          className={problem ? 'jk-Field-problem' : 'jk-Field-hint'}
        >
          {below}
        </div>
      )}
    </div>
  );
}

/** A field of text, with what may be meant offered below it. */
export function TextField(
  props: IFieldProps & {
    value: string;
    onChange: (value: string) => void;
    placeholder?: string;
    offered?: readonly string[];
    required?: boolean;
    disabled?: boolean;
    focused?: boolean;
    type?: 'text' | 'number';
  }
): JSX.Element {
  const list = useId();
  const { offered = [] } = props;
  return (
    <Field label={props.label} hint={props.hint} problem={props.problem}>
      {ties => (
        <>
          <input
            {...ties}
            className="jp-mod-styled jk-Input"
            type={props.type ?? 'text'}
            min={props.type === 'number' ? 1 : undefined}
            value={props.value}
            placeholder={props.placeholder}
            required={props.required}
            disabled={props.disabled}
            autoFocus={props.focused}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            list={offered.length ? list : undefined}
            onChange={event => props.onChange(event.target.value)}
          />
          {offered.length > 0 && (
            <datalist id={list}>
              {offered.map(each => (
                <option key={each} value={each} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

/** A choice of one among few. */
export function ChoiceField(
  props: IFieldProps & {
    value: string;
    onChange: (value: string) => void;
    choices: readonly (readonly [value: string, label: string])[];
    disabled?: boolean;
  }
): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} problem={props.problem}>
      {ties => (
        <div className="jp-HTMLSelect jp-DefaultStyle jk-Select">
          <select
            {...ties}
            value={props.value}
            disabled={props.disabled}
            onChange={event => props.onChange(event.target.value)}
          >
            {props.choices.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
      )}
    </Field>
  );
}

/** Yes or no. */
export function Tick(props: {
  label: React.ReactNode;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}): JSX.Element {
  const id = useId();
  return (
    <div className="jk-Tick">
      <input
        id={id}
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        aria-describedby={props.hint ? `${id}-below` : undefined}
        onChange={event => props.onChange(event.target.checked)}
      />
      <label htmlFor={id}>{props.label}</label>
      {props.hint && (
        <div id={`${id}-below`} className="jk-Field-hint">
          {props.hint}
        </div>
      )}
    </div>
  );
}

/** What few need, folded away below the fields. */
export function MoreOptions(props: {
  label: string;
  open?: boolean;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <details className="jk-Details jk-Options" open={props.open}>
      <summary>{props.label}</summary>
      {props.children}
    </details>
  );
}
