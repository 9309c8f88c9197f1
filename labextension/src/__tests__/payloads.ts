/**
 * Answers of a server, written down. TypeScript compares them with the types of replies here; a test in Python compares them, to the last word, with
 * the schema.
 */
import type {
  Log,
  ModelKitDetail,
  ModelKitList,
  Moved,
  PackPlan,
  RemoteList,
  Status,
  Synced,
  UnpackPlan
} from '../schema';
import inspectJson from './payloads/inspect.json';
import listJson from './payloads/list.json';
import logJson from './payloads/log.json';
import packPlanJson from './payloads/pack-plan.json';
import pushJson from './payloads/push.json';
import remoteJson from './payloads/remote.json';
import statusJson from './payloads/status.json';
import syncJson from './payloads/sync.json';
import unpackPlanJson from './payloads/unpack-plan.json';

/** A type as TypeScript reads it of a file: any text where there are certain words, any list where there is a pair. */
type Read<T> = unknown extends T
  ? unknown
  : T extends string
    ? string
    : T extends number
      ? number
      : T extends readonly (infer Each)[]
        ? Read<Each>[]
        : T extends object
          ? { [Key in keyof T]: Read<T[Key]> | Missing<T> }
          : T;

/** Of objects with any keys, TypeScript gives each in a list the keys of all. */
type Missing<T> = string extends keyof T ? undefined : never;

function reply<T>(read: Read<T>): T {
  return read as T;
}

export const inspect = reply<ModelKitDetail>(inspectJson);
export const list = reply<ModelKitList>(listJson);
export const log = reply<Log>(logJson);
export const packPlan = reply<PackPlan>(packPlanJson);
export const push = reply<Moved>(pushJson);
export const remote = reply<RemoteList>(remoteJson);
export const status = reply<Status>(statusJson);
export const sync = reply<Synced>(syncJson);
export const unpackPlan = reply<UnpackPlan>(unpackPlanJson);
