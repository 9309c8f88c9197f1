import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator, TranslationBundle } from '@jupyterlab/translation';

/** Where all routes of the server extension live, below the server's base URL. */
const API = 'jupyter_kit/api';

/** What turns the server's part on. */
export const ENABLE = 'jupyter server extension enable jupyter_kit';

let trans: TranslationBundle = nullTranslator.load('jupyter_kit');

/** Say what is found out here in the language of the page. */
export function translateWith(bundle: TranslationBundle): void {
  trans = bundle;
}

/** What a verb's options may be: the names and types of the verb's own parser. */
export type Options = Record<
  string,
  string | number | boolean | string[] | null | undefined
>;

/** What went wrong, as the server tells it, or as found out here: `no-server-extension`, `no-connection`, `internal`. */
export class KitError extends Error {
  constructor(
    readonly kind: string,
    message: string,
    readonly hint = '',
    readonly path: string | null = null,
    readonly status = 0
  ) {
    super(message);
    this.name = 'KitError';
  }

  /** Whatever was thrown, as a KitError. */
  static from(reason: unknown): KitError {
    if (reason instanceof KitError) {
      return reason;
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    return new KitError('internal', message);
  }
}

/**
 * Ask one route of the server extension and give its JSON.
 *
 * Throws KitError, whatever happened.
 */
export async function requestAPI<T>(
  route: string,
  settings: ServerConnection.ISettings,
  init: RequestInit = {},
  query: Options = {}
): Promise<T> {
  const response = await answered(route, settings, init, query);
  const body = parsed(await response.text().catch(unanswered));
  if (response.ok && body !== undefined) {
    return body as T;
  }
  throw failure(response.status, body);
}

/** The bytes of an answer, none of which were read yet. */
export interface IBytes {
  /** How many there are; null where the server does not say. */
  size: number | null;
  /** Read them. Throws KitError. */
  read(): Promise<Blob>;
  /** They are not wanted. */
  drop(): void;
}

/**
 * Ask one route of the server extension for bytes.
 *
 * Throws KitError, whatever happened.
 */
export async function requestBytes(
  route: string,
  settings: ServerConnection.ISettings,
  init: RequestInit = {},
  query: Options = {}
): Promise<IBytes> {
  const response = await answered(route, settings, init, query);
  if (response.ok) {
    const length = response.headers.get('Content-Length');
    return {
      size: length === null ? null : Number(length),
      read: () => response.blob().catch(unanswered),
      drop: () => void response.body?.cancel().catch(() => undefined)
    };
  }
  throw failure(
    response.status,
    parsed(await response.text().catch(unanswered))
  );
}

function answered(
  route: string,
  settings: ServerConnection.ISettings,
  init: RequestInit,
  query: Options
): Promise<Response> {
  const url = routeUrl(route, settings, query);
  return ServerConnection.makeRequest(url, init, settings).catch(unanswered);
}

function unanswered(reason: unknown): never {
  if (reason instanceof DOMException && reason.name === 'AbortError') {
    throw reason;
  }
  throw new KitError(
    'no-connection',
    trans.__('The Jupyter server does not answer.'),
    trans.__('See whether it still runs, then try again.')
  );
}

/** The address of a route, for what a browser loads by itself: images, downloads. */
export function routeUrl(
  route: string,
  settings: ServerConnection.ISettings,
  query: Options = {}
): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) {
      value.forEach(each => words.append(name, each));
    } else if (value !== undefined && value !== null) {
      words.append(name, String(value));
    }
  }
  const search = words.toString();
  return (
    URLExt.join(settings.baseUrl, API, route) + (search ? `?${search}` : '')
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(status: number, body: unknown): KitError {
  const {
    kind,
    message,
    hint,
    path = null
  } = (body ?? {}) as Partial<Record<'kind' | 'message' | 'hint', string>> & {
    path?: string | null;
  };
  if (kind) {
    return new KitError(kind, message || kind, hint ?? '', path, status);
  }
  if (status === 404) {
    return new KitError(
      'no-server-extension',
      trans.__('The server part of Jupyter Kit is not running.'),
      trans.__('Run: %1, then restart Jupyter.', ENABLE),
      null,
      status
    );
  }
  if (status === 401 || status === 403) {
    return new KitError(
      'signed-out',
      trans.__('Jupyter does not know you any more.'),
      trans.__('Reload this page to sign in again.'),
      null,
      status
    );
  }
  return new KitError(
    'internal',
    message || trans.__('The Jupyter server answered %1.', String(status)),
    trans.__('Its log says more.'),
    null,
    status
  );
}
