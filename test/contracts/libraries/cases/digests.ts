import { pageDigest, scoreCommitment, submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { STATEMENT_KINDS, statementTypedData } from '@assay/sdk/protocol/signed-statements.ts'
import { hashTypedData } from 'viem'
import type { Draws } from '../draws.ts'
import { type Case, place, UINT32, UINT256 } from './case.ts'

export const digestCases: readonly Case[] = [
  { name: 'submissionCommitment', count: 200, draw: drawSubmission },
  {
    name: 'pageDigest',
    count: 100,
    draw: (d) => {
      const page = d.list(d.number(0, 32), () => ({ contributor: d.address(), commitment: d.hash() }))
      return {
        args: [page.map(({ contributor }) => contributor), page.map(({ commitment }) => commitment)],
        twin: () => [pageDigest(page)],
      }
    },
  },
  { name: 'scoreCommitment', count: 200, draw: drawScores },
  { name: 'statementDigest', count: 100, draw: drawStatement },
  {
    name: 'dataRootOf',
    count: 100,
    draw: (d) => {
      const [root, count] = [d.hash(), d.number(1, 2 ** 24)]
      return { args: [root, count], twin: () => [dataRootOf(root, count)] }
    },
  },
]

function drawSubmission(d: Draws): ReturnType<Case['draw']> {
  const content = {
    ...place(d),
    chainId: d.number(1, 2 ** 48),
    rounds: d.address(),
    contributor: d.address(),
    baseModelHash: d.hash(),
    updateHash: d.hash(),
    stateRoot: d.hash(),
    steps: d.number(0, Number(UINT32)),
    dataRoot: d.hash(),
    salt: d.hash(),
  }
  const { chainId, rounds, taskId, round, contributor, steps, salt } = content
  const hashes: Hash[] = [content.baseModelHash, content.updateHash, content.stateRoot, content.dataRoot]
  return {
    args: [chainId, rounds, taskId, round, contributor, hashes, steps, salt],
    twin: () => [submissionCommitment(content)],
  }
}

function drawStatement(d: Draws): ReturnType<Case['draw']> {
  const kind = d.flag() ? ('vote' as const) : ('sheets' as const)
  const [chainId, rounds, value] = [d.number(1, 2 ** 48), d.address(), d.hash()]
  const where = { ...place(d), kind, slot: d.number(0, Number(UINT32)) }
  const { taskId, round, slot } = where
  return {
    args: [chainId, rounds, STATEMENT_KINDS[kind], taskId, round, slot, value],
    twin: () => [hashTypedData(statementTypedData({ ...where, chainId, rounds, value }))],
  }
}

function drawScores(d: Draws): ReturnType<Case['draw']> {
  const cohorts = d.list(d.number(0, 12), () => d.number(0, 511))
  const content = {
    ...place(d),
    chainId: d.number(1, 2 ** 48),
    rounds: d.address(),
    attempt: (d.flag() ? 1 : 0) as 0 | 1,
    validator: d.address(),
    cohorts,
    words: d.list(2 * cohorts.length, () => d.bigint(0n, UINT256)),
    salt: d.hash(),
  }
  const { chainId, rounds, taskId, round, attempt, validator, words, salt } = content
  return {
    args: [chainId, rounds, taskId, round, attempt, validator, cohorts, words, salt],
    twin: () => [scoreCommitment(content)],
  }
}
