import { Sanitizer } from '@jupyterlab/apputils';
import { describe, expect, it } from 'vitest';

import { cleaned } from '../answer';

describe('cleaned', () => {
  it('keeps the rules at the start, and of the rest nothing that runs', () => {
    const style = '<style>.jupyter-kit{color:red}</style>';
    const html = `${style}<div class="jupyter-kit"><b>v1</b><img src="x" onerror="alert(1)"><script>alert(2)</script><style>*{}</style></div>`;
    const shown = cleaned(html, new Sanitizer());
    expect(shown.startsWith(`${style}<div class="jupyter-kit"><b>v1</b>`)).toBe(
      true
    );
    expect(shown).not.toMatch(/onerror|script|alert|\*\{/);
  });
});
