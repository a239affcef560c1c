import { z } from 'zod4'
import { MILLION, type Mode, WHOLE_BPS } from './mode.ts'

/** A window may differ from its replay by no more than a quarter of what it changes. */
const MOST_RELATIVE_L2_PPM = MILLION / 4

/** How task.json says its mode. */
export const mode: z.ZodType<Mode> = z.union([
  z.literal('exact'),
  z.strictObject({
    kind: z.literal('tolerant'),
    relativeL2Ppm: z.int().min(1).max(MOST_RELATIVE_L2_PPM),
    tolerantBps: z
      .int()
      .min(1)
      .max(WHOLE_BPS - 1),
  }),
])
