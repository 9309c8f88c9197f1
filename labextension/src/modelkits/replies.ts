import type { Model } from '../schema';

export type {
  Kitfile as IKitfile,
  KitfileWritten as IKitfileWritten,
  ModelKitDetail as IModelKitDetail,
  ModelKitList as IModelKitList,
  ModelKitSummary as IModelKitSummary,
  Moved as IMoved,
  PackPlan as IPackPlan,
  PackResult as IPackResult,
  Skipped as ISkipped,
  UnpackPlan as IUnpackPlan,
  UnpackResult as IUnpackResult
} from '../schema';

/** One entry of a Kitfile, what becomes a layer: of all of them a model says most. */
export type IKitfileEntry = Omit<Model, 'parts' | 'parameters'>;
