import type { Preprocess } from '../package/preprocess.ts'

/** A preprocess.json that was worked out from files. */
export type Learned = {
  recipe: Preprocess
  /** What its reader should know, in sentences: what was left out, and what was assumed. */
  notes: string[]
}
