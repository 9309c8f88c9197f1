/**
 * Writes src/schema.ts: the types of all replies, made of the schema that the server's half makes of its dataclasses, under the same names. It
 * runs before types are checked and before the build; what it writes is in no repository.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { compile } from 'json-schema-to-typescript';

const SCHEMA = '../jupyter_kit/frontends/server/replies.schema.json';
const TYPES = 'src/schema.ts';

const made = await compile(
  JSON.parse(readFileSync(new URL(SCHEMA, import.meta.url), 'utf8')),
  'Replies',
  {
    additionalProperties: false,
    bannerComment:
      '/** Made by types.mjs of replies.schema.json. What is to be different here is changed in the dataclasses of the server. */'
  }
);
const file = new URL(TYPES, import.meta.url);
// Nothing is built or checked anew for types that are as they were.
if (!existsSync(file) || readFileSync(file, 'utf8') !== made) {
  writeFileSync(file, made);
}
