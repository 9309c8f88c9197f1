import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** The lab's own packages import icons as `import svg from 'x.svg'`, and expect the text of the file. */
const svg = {
  name: 'svg-as-text',
  enforce: 'pre' as const,
  load(id: string): string | null {
    const [path] = id.split('?');
    return path.endsWith('.svg')
      ? `export default ${JSON.stringify(readFileSync(path, 'utf8'))}`
      : null;
  }
};

export default defineConfig({
  plugins: [svg],
  test: {
    environment: 'jsdom',
    include: ['src/**/__tests__/*.spec.{ts,tsx}'],
    setupFiles: ['src/__tests__/setup.ts'],
    css: false,
    testTimeout: 30_000,
    server: {
      deps: { inline: [/@jupyterlab\//, /@lumino\//, /@jupyter\//, /nbdime/] }
    }
  }
});
