import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connectReader } from '@assay/sdk/client/clients.ts'
import { readDeployment } from '@assay/sdk/client/deployment-file.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { expect } from 'chai'
import { erc20Abi, type Hex, keccak256, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { UsageError } from '../../scripts/command/usage-error.ts'
import { checkedChainId } from '../../scripts/deploy/deploy-assay.ts'
import { deployAndRecord, type RecordRequest } from '../../scripts/deploy/deployment-record.ts'
import { signingProvider } from '../../scripts/deploy/signing-provider.ts'
import { startAutomine } from './support/automine.ts'

/** Twelve contracts, of which two make two more, and three connections. */
const TRANSACTIONS = 16
const OTHER = '0x00000000000000000000000000000000000000AA'

describe('deploying to a real chain', () => {
  let chain: Awaited<ReturnType<typeof startAutomine>>
  let folder: string
  let deployer: { key: Hex; address: Hex }
  let deployers = 0

  before(async () => {
    chain = await startAutomine()
  })
  after(() => chain.stop())

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-deploy-'))
    const key = keccak256(toHex(`deployer ${deployers++} of the deploy test`))
    deployer = { key, address: privateKeyToAccount(key).address }
    await chain.client.setBalance({ address: deployer.address, value: 10n ** 18n })
  })
  afterEach(() => rm(folder, { recursive: true }))

  function request(provider: EIP1193Provider = signingProvider(chain.rpcUrl, deployer.key)): RecordRequest {
    return {
      network: 'local-test',
      provider,
      pollMs: 10,
      deploymentsDir: join(folder, 'deployments'),
      journalsDir: join(folder, 'journals'),
    }
  }

  /** Loses the connection after so many transactions. What else the run sent at once is still written down afterwards. */
  async function interrupt(
    survivors: number,
    terms: Partial<RecordRequest> = {},
  ): Promise<Error | undefined> {
    const broken = interruptedAfter(survivors, signingProvider(chain.rpcUrl, deployer.key))
    const failure = await deployAndRecord({ ...request(broken), ...terms }).then(
      () => undefined,
      (error: Error) => error,
    )
    const journal = join(folder, 'journals/local-test/journal.jsonl')
    const sent = async () => (await readFile(journal, 'utf8')).split('"TRANSACTION_SEND"').length - 1
    while ((await sent()) < survivors) await setTimeout(10)
    return failure
  }

  const nonce = () => chain.client.getTransactionCount({ address: deployer.address })

  it('deploys, connects, records, and gives the supply to the deployer', async () => {
    const { record, file, transactions } = await deployAndRecord(request())

    expect(transactions).to.equal(TRANSACTIONS)
    expect(record.chainId).to.equal(31337)
    expect(record.commit).to.match(/^[0-9a-f]{40}(-modified)?$|^unknown$/)
    expect(record.parameters.unbondingSeconds).to.equal(2_419_200)
    expect(record.parameters.tokenHolder.toLowerCase()).to.equal(deployer.address.toLowerCase())
    expect(BigInt(record.startBlock) < (await chain.client.getBlockNumber())).to.equal(true)
    const reader = await connectReader({ deployment: readDeployment(file), rpcUrl: chain.rpcUrl })
    const supply = await reader.chain.readContract({
      address: record.contracts.assayToken,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [deployer.address],
    })
    expect(supply).to.equal(10n ** 27n)
  })

  it('changes nothing on a second run, not even without its journal', async () => {
    const { file } = await deployAndRecord(request())
    const before = await readFile(file, 'utf8')

    const again = await deployAndRecord(request())
    await rm(join(folder, 'journals'), { recursive: true })
    const onceMore = await deployAndRecord(request())

    expect([again.transactions, onceMore.transactions]).to.deep.equal([0, 0])
    expect(await readFile(file, 'utf8')).to.equal(before)
    expect(await nonce()).to.equal(TRANSACTIONS)
  })

  for (const survivors of [0, 1, 3, 6]) {
    it(`goes on after an interruption that let ${survivors} transactions through`, async () => {
      const failure = await interrupt(survivors)
      expect(failure?.message).to.match(/connection lost/)

      const { record, transactions } = await deployAndRecord(request())

      expect(transactions).to.equal(TRANSACTIONS - survivors)
      expect(await nonce()).to.equal(TRANSACTIONS)
      for (const address of Object.values(record.contracts)) {
        expect(await chain.client.getCode({ address })).to.not.equal(undefined)
      }
    })
  }

  it('names the journal that was cut, and goes on without the cut line', async () => {
    await deployAndRecord(request())
    const journal = join(folder, 'journals/local-test/journal.jsonl')
    const whole = await readFile(journal, 'utf8')
    await rm(join(folder, 'deployments/local-test.json'))
    await writeFile(journal, whole.slice(0, -40))
    const lines = whole.split('\n')

    const failure = await deployAndRecord(request()).catch((error) => error)
    expect(failure.message).to.equal(
      `Line ${lines.length} of ${journal} is not whole: the run was stopped, or the disk was full, while it was written. Remove this line and run this again: what it is about is looked up on the chain.`,
    )

    await writeFile(journal, lines.slice(0, -1).join('\n'))
    const { transactions, record } = await deployAndRecord(request())
    expect(transactions).to.equal(0)
    expect(await nonce()).to.equal(TRANSACTIONS)
    expect(await chain.client.getCode({ address: record.contracts.rounds })).to.not.equal(undefined)

    await rm(join(folder, 'deployments/local-test.json'))
    await writeFile(journal, whole.replace('"type"', '"ty'))
    const changed = await deployAndRecord(request()).catch((error) => error)
    expect(changed.message).to.match(
      /^Line \d+ of .*journal\.jsonl is not whole: the file was changed\. Restore/,
    )
  })

  it('names the other files of an interrupted run that are not whole, and the way out', async () => {
    await interrupt(3)
    const journal = join(folder, 'journals/local-test')
    const cut = async (name: string) => {
      const text = await readFile(join(journal, name), 'utf8')
      await writeFile(join(journal, name), text.slice(0, -5))
      const failure = await deployAndRecord(request()).catch((error) => error)
      await writeFile(join(journal, name), text)
      return failure.message
    }

    expect(await cut('chain.json')).to.equal(
      `${join(journal, 'chain.json')} is not JSON: restore it from a copy, or move ${journal} away to deploy anew.`,
    )
    expect(await cut('deployed_addresses.json')).to.equal(
      `${join(journal, 'deployed_addresses.json')} is not JSON: remove it and run this again: the journal beside it has the same addresses.`,
    )
    await rm(join(journal, 'deployed_addresses.json'))
    expect((await deployAndRecord(request())).transactions).to.equal(TRANSACTIONS - 3)
  })

  it('finds a transaction that was sent but that the journal has as prepared only', async () => {
    const inner = signingProvider(chain.rpcUrl, deployer.key)
    let sent = 0
    const broken: EIP1193Provider = {
      request: async (call) => {
        const answer = await inner.request(call)
        if (call.method === 'eth_sendTransaction' && ++sent === 4) throw new Error('killed')
        return answer
      },
    }
    await deployAndRecord(request(broken)).catch(() => 'as wanted')

    const { transactions } = await deployAndRecord(request())

    expect(transactions).to.equal(TRANSACTIONS - 4)
    expect(await nonce()).to.equal(TRANSACTIONS)
  })

  it('checks the parameters against the bounds of the contracts before it sends or writes anything', async () => {
    const cases: [RecordRequest['parameters'], string][] = [
      [
        { unbondingSeconds: 5 },
        'An unbonding time of 5 s is outside 60 … 15552000 s. Deploy with a time between 60 and 15552000 seconds. The option is --unbonding-seconds.',
      ],
      [{ unbondingSeconds: 86_400 }, 'The option is --unbonding-seconds.'],
      [{ beaconDelayBlocks: 17 }, 'outside 1 … 16'],
      [{ marginSeconds: 0 }, 'The option is --margin-seconds.'],
      [{ minPhaseSeconds: 3_601 }, 'minPhaseSeconds is 3601, outside 1 … 3600.'],
      [{ maxRoundSeconds: 5_184_001 }, 'maxRoundSeconds is 5184001, outside 8 … 5184000.'],
      [{ answerRefund: 11 }, 'The option is --answer-refund.'],
      [{ jurorMinStake: 0 }, 'The option is --juror-min-stake.'],
      [{ firstSeats: 4 }, 'The option is --first-seats.'],
      // With local terms, 60 + 60 + 60 + 60 for a panel, an appeal, and twice as long to vote for all: 540.
      [{ verdictSeconds: 500 }, 'The option is --verdict-seconds.'],
      [{ suspensionSeconds: 400_000 }, 'The option is --execution-seconds.'],
      [{ jurorBindingSeconds: 700 }, 'The option is --juror-binding-seconds.'],
    ]
    for (const [parameters, sentence] of cases) {
      const failure = await deployAndRecord({ ...request(), parameters: parameters! }).catch((error) => error)
      expect(failure).to.be.instanceOf(UsageError)
      expect(failure.message).to.include(sentence)
    }
    const toNobody = await deployAndRecord({ ...request(), tokenHolder: zeroAddress }).catch((error) => error)
    expect(toNobody).to.be.instanceOf(UsageError)
    expect(await nonce()).to.equal(0)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('goes on with an interrupted run under its own terms only, and names the folder of another', async () => {
    const parameters = { unbondingSeconds: 3_000_000 }
    await interrupt(2, { parameters })

    const failure = await deployAndRecord({ ...request(), tokenHolder: OTHER }).catch((error) => error)
    const journal = join(folder, 'journals/local-test')
    expect(failure.message).to.equal(
      `The interrupted run in ${journal} began with token holder ${deployer.address}, not ${OTHER}, and unbondingSeconds 3000000, not 2419200: to go on with it give --token-holder ${deployer.address} and give --unbonding-seconds 3000000; to deploy anew move that folder away.`,
    )
    expect(await nonce()).to.equal(2)

    const { transactions } = await deployAndRecord({ ...request(), parameters })
    expect(transactions).to.equal(TRANSACTIONS - 2)
  })

  it('names the folder of an interrupted run also when nobody wrote down what it was given', async () => {
    const parameters = { unbondingSeconds: 3_000_000 }
    await interrupt(7, { parameters })
    const journal = join(folder, 'journals/local-test')
    const { terms, ...chainFacts } = JSON.parse(await readFile(join(journal, 'chain.json'), 'utf8'))
    await writeFile(join(journal, 'chain.json'), JSON.stringify(chainFacts))

    const failure = await deployAndRecord(request()).catch((error) => error)

    expect(terms.parameters.unbondingSeconds).to.equal(3_000_000)
    expect(failure.message).to.include('has been changed. To go on give what').and.to.include(journal)
  })

  it('notices a wiped local chain, says so and deploys again', async () => {
    const { record: old, file } = await deployAndRecord(request())
    const wiped = await startAutomine()
    try {
      await wiped.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      const said: string[] = []
      const provider = signingProvider(wiped.rpcUrl, deployer.key)

      const { transactions, record } = await deployAndRecord({
        ...request(provider),
        say: (line) => said.push(line),
      })

      expect(transactions).to.equal(TRANSACTIONS)
      expect(said.join('\n')).to.include('the chain was wiped')
      expect(record.contracts).to.deep.equal(old.contracts) // the same deployer and nonces
      await connectReader({ deployment: readDeployment(file), rpcUrl: wiped.rpcUrl })
    } finally {
      await wiped.stop()
    }
  })

  it('notices a chain that was wiped in the middle of a deployment', async () => {
    await interrupt(3)
    const wiped = await startAutomine()
    try {
      await wiped.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      const { transactions } = await deployAndRecord(request(signingProvider(wiped.rpcUrl, deployer.key)))
      expect(transactions).to.equal(TRANSACTIONS)
    } finally {
      await wiped.stop()
    }
  })

  it('refuses a public chain that lacks its contracts instead of deploying twice', async () => {
    const other = await startAutomine(424_242)
    try {
      await other.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      const provider = signingProvider(other.rpcUrl, deployer.key)
      const { file } = await deployAndRecord(request(provider))
      const record = JSON.parse(await readFile(file, 'utf8'))
      record.contracts.rounds = '0x00000000000000000000000000000000000000ff'
      await writeFile(file, JSON.stringify(record))

      const failure = await deployAndRecord(request(provider)).catch((error: Error) => error.message)

      expect(failure).to.include('Chain 424242 lacks contracts').and.to.include("doesn't forget")
    } finally {
      await other.stop()
    }
  })

  it('refuses phases of fewer than four blocks, by the pace of a public chain (attack 51)', async () => {
    const slow = await startAutomine(424_242)
    try {
      await slow.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      await slow.client.setBlockTimestampInterval({ interval: 20 })
      await slow.client.mine({ blocks: 70 })
      const provider = signingProvider(slow.rpcUrl, deployer.key)

      const failure = await deployAndRecord(request(provider)).catch((error) => error)

      expect(failure).to.be.instanceOf(UsageError)
      expect(failure.message).to.equal(
        'minPhaseSeconds is 60, but this chain makes a block every 20.0 s, and a phase needs 4 of them: give --min-phase-seconds 80 or more.',
      )
      expect(await readdir(folder)).to.deep.equal([])
      const parameters = { minPhaseSeconds: 80 }
      const { record } = await deployAndRecord({ ...request(provider), parameters })
      expect(record.parameters.minPhaseSeconds).to.equal(80)
    } finally {
      await slow.stop()
    }
  })

  it('refuses another chain than the one in the file, and other parameters than the deployed ones', async () => {
    await deployAndRecord(request())
    const other = await startAutomine(1337)
    try {
      const wrong = await deployAndRecord(request(signingProvider(other.rpcUrl, deployer.key))).catch(
        (error: Error) => error.message,
      )
      expect(wrong).to.include('on chain 1337, but chain 31337 is meant')
    } finally {
      await other.stop()
    }
    const changed = await deployAndRecord({
      ...request(),
      parameters: { unbondingSeconds: 7_000_000 },
    }).catch((error: Error) => error.message)
    expect(changed).to.include("unbondingSeconds 2419200, which can't become 7000000")
    const guarded = await deployAndRecord({ ...request(), guardian: OTHER }).catch((error) => error.message)
    expect(guarded).to.include(`guardian ${zeroAddress}, which can't become ${OTHER}: leave --guardian away`)
    expect(await checkedChainId(request().provider, 31337)).to.equal(31337)
  })
})

/** A node that answers until `count` transactions were sent, and then no more. */
function interruptedAfter(count: number, provider: EIP1193Provider): EIP1193Provider {
  let sent = 0
  return {
    request: async (call) => {
      if (call.method === 'eth_sendTransaction' && ++sent > count) throw new Error('connection lost')
      return provider.request(call)
    },
  }
}
