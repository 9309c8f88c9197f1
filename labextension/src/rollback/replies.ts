export type {
  RollbackPlan as IRollbackPlan,
  RollbackResult as IRollbackResult,
  RollbackStep as IRollbackStep
} from '../schema';
