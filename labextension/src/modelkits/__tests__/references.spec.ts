import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { destinations, parts, problemOf, registryOf } from '../references';

const trans = nullTranslator.load('jupyter_kit');

describe('references', () => {
  it('have a registry where the first word has a dot or a port', () => {
    expect(registryOf('team/digits:v1')).toBe('');
    expect(registryOf('localhost:5000/digits')).toBe('localhost:5000');
    expect(registryOf('oci:exports/a.b:v1')).toBe('');
    expect(parts('ghcr.io/team/digits:v1')).toEqual({
      registry: 'ghcr.io',
      repository: 'team/digits',
      tag: 'v1',
      digest: ''
    });
  });

  it.each(['digits:v1', 'ghcr.io/team/digits:v1,latest'])(
    '%s can name a ModelKit',
    text => expect(problemOf(text, 'here', trans)).toBeNull()
  );

  it.each(['Digits:v1', 'digits:-v', 'a b', 'oci:exports:v1'])(
    '%s cannot',
    text => expect(problemOf(text, 'here', trans)).not.toBeNull()
  );

  it('must name a place outside to be pushed to', () => {
    expect(problemOf('digits:v1', 'outside', trans)).not.toBeNull();
    expect(problemOf('oci:exports:v1', 'outside', trans)).toBeNull();
  });

  it('are offered beside what is known', () => {
    expect(
      destinations('digits:v1', ['ghcr.io/team/history', 'oci:/b'])
    ).toEqual(['ghcr.io/team/digits:v1', 'oci:exports:v1', 'kitops:digits:v1']);
  });
});
