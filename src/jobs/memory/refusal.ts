import { ErrorCode, UnrecoverableError } from "bullmq";

/** A step that BullMQ's rules forbid, with the numeric `code` on which BullMQ itself branches. */
export interface RefusedStep {
  readonly code: ErrorCode;
  readonly jobId?: string | undefined;
  readonly parentKey?: string | undefined;
  readonly state?: string | undefined;
  /** The operation that was refused, as BullMQ names it. */
  readonly command: string;
}

/** The error that a caller gets for a refused step: the same code and the same kind as over Redis. */
export function refusal(step: RefusedStep): Error & { code: ErrorCode } {
  const says = `${sentence(step)} ${step.command}`;
  // A job with a failed child must not be tried again, so BullMQ asks for its own error class here.
  const error = step.code === ErrorCode.JobHasFailedChildren ? new UnrecoverableError(says) : new Error(says);
  return Object.assign(error, { code: step.code });
}

function sentence({ code, jobId, parentKey, state }: RefusedStep): string {
  switch (code) {
    case ErrorCode.JobNotExist:
      return `Missing key for job ${jobId}.`;
    case ErrorCode.JobLockNotExist:
      return `Missing lock for job ${jobId}.`;
    case ErrorCode.JobNotInState:
      return `Job ${jobId} is not in the ${state} state.`;
    case ErrorCode.JobPendingChildren:
      return `Job ${jobId} has pending dependencies.`;
    case ErrorCode.ParentJobNotExist:
      return `Missing key for parent job ${parentKey}.`;
    case ErrorCode.JobLockMismatch:
      return `Job ${jobId} is locked by another worker.`;
    case ErrorCode.ParentJobCannotBeReplaced:
      return `Parent job ${parentKey} cannot be replaced.`;
    case ErrorCode.JobBelongsToJobScheduler:
      return `Job ${jobId} is the next run of a scheduler; remove the scheduler instead.`;
    case ErrorCode.JobHasFailedChildren:
      return `Job ${jobId} cannot complete because a child of it failed.`;
    case ErrorCode.SchedulerJobIdCollision:
      return "The scheduler's next run exists already.";
    case ErrorCode.SchedulerJobSlotsBusy:
      return "The scheduler's next slots are all taken.";
  }
}
