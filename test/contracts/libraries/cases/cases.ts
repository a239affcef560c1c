import type { Case } from './case.ts'
import { digestCases } from './digests.ts'
import { payCases } from './pay.ts'
import { programCases } from './programs.ts'
import { recordCases } from './records.ts'
import { samplingCases } from './sampling.ts'
import { scoreCases } from './scores.ts'
import { stateTreeCases } from './state-tree.ts'
import { storageCases } from './storage.ts'

/** All functions that Solidity and TypeScript share. */
export const CASES: readonly Case[] = [
  ...samplingCases,
  ...scoreCases,
  ...payCases,
  ...storageCases,
  ...stateTreeCases,
  ...digestCases,
  ...recordCases,
  ...programCases,
]
