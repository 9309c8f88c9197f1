import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Answer, Refusal } from '../../__tests__/answering';
import { addIgnored, Ignored } from '../ignored';
import { EDIT_IGNORE } from '../names';
import { IMade, made, notices } from './room';

/** The form, after somebody has written other lines and saved. */
async function saved(
  answer: Answer
): Promise<IMade & { closed: ReturnType<typeof vi.fn> }> {
  const lab = await made({ ignored: answer });
  const { model, trans } = lab.room;
  const closed = vi.fn();
  render(<Ignored before={'old\n'} onClose={closed} {...{ model, trans }} />);
  const lines = screen.getByLabelText('One pattern a line');
  fireEvent.change(lines, { target: { value: 'old\n*.tmp\n' } });
  fireEvent.click(screen.getByText('Save'));
  return { ...lab, closed };
}

describe('what is ignored', () => {
  afterEach(cleanup);

  it('is written with what was read before', async () => {
    const { asked, closed } = await saved({ text: 'old\n*.tmp\n' });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(asked.filter(each => each.verb === 'ignored')).toEqual([
      {
        verb: 'ignored',
        options: { folder: 'digits', text: 'old\n*.tmp\n', before: 'old\n' }
      }
    ]);
    expect(notices()).toEqual(['Saved in .kitignore of this folder.']);
  });

  it('stays in the form where it cannot be written', async () => {
    const body = {
      kind: 'conflict',
      message: 'It was changed.',
      hint: 'Look.'
    };
    const { closed } = await saved(new Refusal(409, body));
    expect((await screen.findByRole('alert')).textContent).toBe(
      'It was changed.Look.'
    );
    expect(screen.getByDisplayValue(/tmp/)).toBeTruthy();
    expect(closed).not.toHaveBeenCalled();
  });

  it('is shown by a command, and Enter begins a line', async () => {
    const lab = await made({ ignored: { text: 'data' } });
    addIgnored(lab.room);
    const done = lab.commands.execute(EDIT_IGNORE);
    const lines =
      await screen.findByLabelText<HTMLTextAreaElement>('One pattern a line');
    lines.focus();
    lines.setSelectionRange(4, 4);
    fireEvent.keyDown(lines, { key: 'Enter', keyCode: 13 });
    expect(lab.asked.some(each => each.options.text)).toBe(false);
    fireEvent.click(screen.getByText('Cancel'));
    await done;
  });
});
