import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { type StatementKind, statementTypedData } from '@assay/sdk/protocol/signed-statements.ts'
import { expect } from 'chai'
import { type Hex, numberToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readTwoStatements } from './statements-file.ts'

const word = (n: number) => numberToHex(n, { size: 32 })
const [signer, other] = [privateKeyToAccount(word(1)), privateKeyToAccount(word(2))]
const PLACE = { chainId: 7, rounds: numberToHex(0xa0, { size: 20 }), taskId: 3n, round: 4 }

describe('A file with two statements', () => {
  let dir: string
  let file: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-statements-'))
    file = join(dir, 'two.json')
  })
  after(() => rm(dir, { recursive: true }))

  const sign = (
    value: Hex,
    { by = signer, ...of }: Partial<Parameters<typeof statementTypedData>[0]> & { by?: typeof signer } = {},
  ) => by.signTypedData(statementTypedData({ ...PLACE, kind: 'vote', slot: 0, value, ...of }))

  async function fields(kind: StatementKind = 'vote', slot: number | 'model' = 0) {
    const at = { kind, slot: slot === 'model' ? ROOT_COHORT : slot }
    return {
      kind,
      slot,
      first: word(1),
      second: word(2),
      firstSignature: await sign(word(1), at),
      secondSignature: await sign(word(2), at),
    }
  }

  async function read(content: unknown) {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
    return readTwoStatements(file, PLACE)
  }

  it('names its signer, and the slot of each kind', async () => {
    for (const [kind, slot, number] of [
      ['vote', 5, 5],
      ['vote', 'model', ROOT_COHORT],
      ['sheets', 1, 1],
    ] as const) {
      const { statements, validator } = await read(await fields(kind, slot))
      expect(validator).to.equal(signer.address)
      expect(statements).to.include({ kind, slot: number, first: word(1), second: word(2) })
    }
  })

  it('is refused where it does not show that one account said two things, and told why', async () => {
    const good = await fields()
    // The other form of the same signature.
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = numberToHex(order - BigInt(`0x${good.firstSignature.slice(66, 130)}`), { size: 32 })
    const v = good.firstSignature.endsWith('1b') ? '1c' : '1b'
    const malleable = `${good.firstSignature.slice(0, 66)}${high.slice(2)}${v}`
    const wrong: [unknown, string][] = [
      ['{', 'two.json is not JSON.'],
      [[], 'expected object'],
      [{ ...good, kind: 'opening' }, 'kind: must be "vote" or "sheets"'],
      [{ ...good, slot: -1 }, 'slot: must be a whole number from 0 to 4294967295, or "model"'],
      [{ ...good, slot: 1.5 }, 'slot: must be'],
      [{ ...good, slot: '0' }, 'slot: must be'],
      [{ ...good, first: '0x12' }, 'first: must be 0x and 64 lowercase hexadecimal digits'],
      [{ ...good, firstSignature: good.firstSignature.slice(0, -2) }, 'firstSignature: must be 0x and 130'],
      [{ ...good, round: 4 }, 'round'],
      [{ ...good, second: undefined }, 'second: must be'],
      [{ ...good, second: good.first, secondSignature: good.firstSignature }, 'which is no contradiction'],
      [{ ...(await fields('sheets')), slot: 'model' }, 'the slot "model" is of votes, not of sheets'],
      [{ ...good, firstSignature: malleable }, "doesn't have s in its lower half"],
      [{ ...good, firstSignature: `${good.firstSignature.slice(0, -2)}00` }, 'v of 27 or 28'],
      [{ ...good, firstSignature: `0x${'00'.repeat(64)}1b` }, "is nobody's"],
      [{ ...good, secondSignature: await sign(word(2), { by: other }) }, `the second by ${other.address}`],
      [{ ...good, secondSignature: await sign(word(2), { round: 5 }) }, 'by task 3 and round 4'],
      [{ ...good, secondSignature: await sign(word(2), { slot: 1 }) }, `signed by ${signer.address}`],
    ]
    for (const [content, sentence] of wrong) {
      const error = await read(content).catch((refusal: unknown) => refusal)
      expect(error, sentence).to.be.instanceOf(Error)
      expect(String(error)).to.include(sentence)
      expect(error).to.include({ kind: 'usage' })
    }
  })
})
