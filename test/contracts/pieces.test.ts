import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { roundsAbi } from '@assay/sdk/generated/Rounds.ts'
import { roundsCasesAbi } from '@assay/sdk/generated/RoundsCases.ts'
import { roundsExtensionAbi } from '@assay/sdk/generated/RoundsExtension.ts'
import { roundsMembershipAbi } from '@assay/sdk/generated/RoundsMembership.ts'
import { expect } from 'chai'
import type { Abi } from 'viem'

const SOURCE = join(import.meta.dirname, '../../contracts/Rounds.sol')

/** Rounds delegates what it doesn't have itself to the piece whose list names it, and all else to the extension. */
describe('The pieces of Rounds', () => {
  it('have each function once', () => {
    const all = [roundsAbi, roundsExtensionAbi, roundsMembershipAbi, roundsCasesAbi].flatMap(functionsOf)
    expect(all.sort()).to.deep.equal(functionsOf(iRoundsAbi).sort())
  })

  for (const [piece, list, abi] of [
    ['membership', '_isMembership', roundsMembershipAbi],
    ['cases', '_isCases', roundsCasesAbi],
  ] as const)
    it(`are told apart by a list of all that the ${piece} piece has, and of nothing else`, () => {
      const [, body = ''] = readFileSync(SOURCE, 'utf8').split(`function ${list}(`)
      const [listed = ''] = body.split(' function ')
      const names = [...listed.matchAll(/\(s \^ uint32\(I\w+\.(\w+)\.selector\)\)/g)].map(([, name]) => name)
      expect(names.sort()).to.deep.equal(functionsOf(abi).sort())
    })
})

const functionsOf = (abi: Abi) => abi.flatMap((item) => (item.type === 'function' ? [item.name] : []))
