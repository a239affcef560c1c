import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { roundsAbi } from '@assay/sdk/generated/Rounds.ts'
import { roundsExtensionAbi } from '@assay/sdk/generated/RoundsExtension.ts'
import { roundsMembershipAbi } from '@assay/sdk/generated/RoundsMembership.ts'
import { expect } from 'chai'
import type { Abi } from 'viem'

const SOURCE = join(import.meta.dirname, '../../contracts/Rounds.sol')

/** Rounds delegates what it doesn't have itself: to the membership piece what its list names, all else to the extension. */
describe('The pieces of Rounds', () => {
  it('have each function once', () => {
    const all = [roundsAbi, roundsExtensionAbi, roundsMembershipAbi].flatMap(functionsOf)
    expect(all.sort()).to.deep.equal(functionsOf(iRoundsAbi).sort())
  })

  it('are told apart by a list of all that the membership piece has, and of nothing else', () => {
    const listed = [...readFileSync(SOURCE, 'utf8').matchAll(/\(s \^ uint32\(I\w+\.(\w+)\.selector\)\)/g)]
    expect(listed.map(([, name]) => name).sort()).to.deep.equal(functionsOf(roundsMembershipAbi).sort())
  })
})

const functionsOf = (abi: Abi) => abi.flatMap((item) => (item.type === 'function' ? [item.name] : []))
