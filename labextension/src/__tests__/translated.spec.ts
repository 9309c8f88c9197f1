/// <reference types="vite/client" />
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** The text of each module, by its path. */
const MODULES = import.meta.glob<string>(
  ['../**/*.ts', '../**/*.tsx', '!../**/__tests__/**', '!../**/*.d.ts'],
  { query: '?raw', import: 'default', eager: true }
);

/** Names of properties that say something to those who write code, or to machines. */
const FOR_CODE = new Set([
  'className',
  'command',
  'description',
  'id',
  'selector',
  'type'
]);

/** What is called with text for those who write code. */
const CALLED_BY_CODE = /^(console\.\w+|Token|Error|import|ARGUMENTS)$/;

/** What translates. */
const TRANSLATES = /(^|\.)(trans|_trans)\.(__|_n|_p|_np)$/;

/** Words that people read: two of them, or one with a capital; no ids, selectors and lists of file endings. */
const WORDS =
  /^(?!\.|[\da-z ,[\]=-]*$).*\p{L}{2,}[,:]? \p{L}|^\p{Lu}\p{Ll}+( …|…|\.)?$/su;

/** Names, and what is typed into a terminal. */
const NAMES = /^(Kitfile|ModelKit|jupyter server extension .*)$/;

const COMPARES = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken
]);

function isRead(text: string): boolean {
  return WORDS.test(text) && !NAMES.test(text);
}

function textOf(node: ts.Node): string | null {
  return ts.isStringLiteralLike(node) ||
    ts.isJsxText(node) ||
    node.kind === ts.SyntaxKind.TemplateHead ||
    node.kind === ts.SyntaxKind.TemplateMiddle ||
    node.kind === ts.SyntaxKind.TemplateTail
    ? (node as ts.LiteralLikeNode).text
    : null;
}

/** Whether what a text stands in says that no user reads it, or that it is translated. */
function isFine(node: ts.Node, file: ts.SourceFile): boolean {
  for (let at = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (
      ts.isImportDeclaration(parent) ||
      ts.isExportDeclaration(parent) ||
      ts.isTypeNode(parent) ||
      ts.isCaseClause(parent) ||
      (ts.isBinaryExpression(parent) &&
        COMPARES.has(parent.operatorToken.kind)) ||
      (ts.isPropertyAssignment(parent) && parent.name === at)
    ) {
      return true;
    }
    if (ts.isPropertyAssignment(parent) || ts.isJsxAttribute(parent)) {
      const name = parent.name.getText(file);
      if (FOR_CODE.has(name)) {
        return true;
      }
    }
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      const called = parent.expression.getText(file);
      if (TRANSLATES.test(called) || CALLED_BY_CODE.test(called)) {
        return true;
      }
    }
  }
  return false;
}

/** The texts of a file that a user reads as they stand there: `file:line text`. */
function escaped(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== null && isRead(text.trim()) && !isFine(node, file)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push(`${path}:${line + 1} ${text.trim()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('the words that users read', () => {
  it('go through the translator', () => {
    expect(Object.keys(MODULES).length).toBeGreaterThan(50);
    expect(
      Object.entries(MODULES).flatMap(([path, text]) => escaped(path, text))
    ).toEqual([]);
  });

  it('are found where they do not', () => {
    const found = escaped(
      'x.tsx',
      'told(`Kept ${n} files now.`); <b title="Go back">{trans.__("All is well")}</b>; x = { label: "Restore" };'
    );
    expect(found.map(each => each.replace(/^\S+ /, ''))).toEqual([
      'Kept',
      'files now.',
      'Go back',
      'Restore'
    ]);
  });
});
