import { expect } from 'chai'
import {
  createPublicClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  type Hex,
  numberToHex,
} from 'viem'
import { iSlotReaderAbi } from '../generated/ISlotReader.ts'
import type { Hash } from '../protocol/random.ts'
import type { AssayReader } from './clients.ts'
import { decodeFailure } from './errors.ts'
import { readSlots } from './read-slots.ts'

const ROUNDS = `0x${'c1'.repeat(20)}` as const
const SLOTS = { one: word(1n), many: [word(2n), word(3n)], none: [] as Hash[], last: word(4n) }

function word(value: bigint): Hash {
  return numberToHex(value, { size: 32 })
}

/** A node that answers each call with the same bytes, and what it was asked. */
function nodeSaying(answer: Hex) {
  const asked: { to: Hex; data: Hex; block: unknown }[] = []
  const request = async ({
    method,
    params,
  }: {
    method: string
    params: [{ to: Hex; data: Hex }, unknown]
  }) => {
    if (method !== 'eth_call') throw new Error(`nobody should ask for ${method}`)
    asked.push({ ...params[0], block: params[1] })
    return answer
  }
  const contracts = { rounds: ROUNDS } as unknown as AssayReader['deployment']['contracts']
  const reader: AssayReader = {
    deployment: { network: 'test', chainId: 1, startBlock: 0, commit: '', contracts },
    chain: createPublicClient({ transport: custom({ request }, { retryCount: 0 }) }),
  }
  return { reader, asked }
}

const answer = (time: bigint, values: readonly Hash[]) =>
  encodeAbiParameters([{ type: 'uint256' }, { type: 'bytes32[]' }], [time, values])

describe('Reading slots of Rounds', () => {
  it('takes one call, and gives each word its name', async () => {
    const { reader, asked } = nodeSaying(answer(1_900_000_000n, [11n, 12n, 13n, 14n].map(word)))
    const { time, words } = await readSlots(reader, SLOTS, { blockNumber: 77n })
    expect(time).to.equal(1_900_000_000)
    expect(words).to.deep.equal({ one: 11n, many: [12n, 13n], none: [], last: 14n })

    expect(asked).to.have.lengthOf(1)
    const { to, data, block } = asked[0]!
    expect([to, block]).to.deep.equal([ROUNDS, '0x4d'])
    const { args } = decodeFunctionData({ abi: iSlotReaderAbi, data })
    expect(args).to.deep.equal([[1n, 2n, 3n, 4n].map(word)])
  })

  for (const [what, values, time] of [
    ['too few words', [1n, 2n, 3n], 5n],
    ['too many words', [1n, 2n, 3n, 4n, 5n], 5n],
    ['a time beyond all times', [1n, 2n, 3n, 4n], 2n ** 53n],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { reader } = nodeSaying(answer(time, values.map(word)))
      const { name, kind, values: told } = await failureOf(reader)
      expect({ name, kind, told }).to.deep.equal({
        name: 'SlotsIncomplete',
        kind: 'transient',
        told: { found: values.length, expected: 4 },
      })
    })

  const whole = answer(5n, [1n, 2n, 3n, 4n].map(word))
  for (const [what, bytes] of [
    ['nothing', '0x'],
    ['bytes that end in the middle of a word', whole.slice(0, -32) as Hex],
    [
      'a list that claims to be longer than the answer',
      whole.replace(word(4n).slice(2), 'ff'.repeat(32)) as Hex,
    ],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { message, fix } = await failureOf(nodeSaying(bytes).reader)
      expect(message).to.match(/^\S.{8,}/s)
      expect(fix).to.match(/^[A-Z]/)
    })
})

async function failureOf(reader: AssayReader) {
  const outcome = await readSlots(reader, SLOTS).catch((error: unknown) => error)
  expect(outcome).to.be.instanceOf(Error)
  return decodeFailure(outcome)
}
