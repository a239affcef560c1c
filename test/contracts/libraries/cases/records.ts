import * as records from '@assay/sdk/protocol/round-record.ts'
import { MAX_VALIDATORS, ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { zeroAddress } from 'viem'
import type { Draws } from '../draws.ts'
import { type Case, UINT32, UINT256 } from './case.ts'

const drawRound = (d: Draws) => d.number(0, Number(UINT32))

export const recordCases: readonly Case[] = [
  {
    name: 'rosterDigest',
    count: 60,
    draw: (d) => {
      const weights = d.list(MAX_VALIDATORS, () => d.number(0, 1_024, 0, 204))
      const validators = d.list(MAX_VALIDATORS, () => (d.flag() ? d.address() : zeroAddress))
      return { args: [weights, validators], twin: () => [records.rosterDigest(weights, validators)] }
    },
  },
  {
    name: 'openingRecord',
    count: 60,
    draw: (d) => {
      const opening = {
        round: drawRound(d),
        baseModelHash: d.hash(),
        previousBeacon: d.hash(),
        roster: d.hash(),
      }
      return { args: Object.values(opening), twin: () => [records.openingRecord(opening)] }
    },
  },
  {
    name: 'settledRecord',
    count: 60,
    draw: (d) => {
      const [chain, cohort] = [d.bigint(0n, 2n ** 224n - 1n, 0n), d.number(0, 127)]
      const results = d.list(d.number(0, 16), () => d.bigint(0n, UINT256))
      return {
        args: [chain, cohort, results],
        twin: () => [records.settledRecord(chain, cohort, records.resultsHash(results))],
      }
    },
  },
  {
    name: 'votedWord',
    count: 60,
    draw: (d) => {
      const [word, round] = [d.hash(), drawRound(d)]
      const isRoot = d.flag()
      const cohorts = isRoot ? [ROOT_COHORT] : d.list(d.number(0, 12), () => d.number(0, 127))
      const hashes = cohorts.map(() => d.hash())
      return {
        args: [word, round, cohorts, hashes],
        twin: () => [
          records.votedWord(word, round, isRoot ? records.modelVote(hashes[0]!) : { cohorts, hashes }),
        ],
      }
    },
  },
  {
    name: 'replacedCommitment',
    count: 60,
    draw: (d) => {
      const args: Parameters<typeof records.replacedCommitment> = [d.hash(), d.hash(), drawRound(d)]
      return { args, twin: () => [records.replacedCommitment(...args)] }
    },
  },
]
