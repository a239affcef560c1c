import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Address, getAddress, type Hex, keccak256, pad, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { factText } from '../../scripts/deploy/check-deployment.ts'
import {
  checkRecorded,
  type DeploymentRecord,
  deployAndRecord,
} from '../../scripts/deploy/deployment-record.ts'
import { signingProvider } from '../../scripts/deploy/signing-provider.ts'
import { startAutomine } from './support/automine.ts'

const OTHER = '0x00000000000000000000000000000000000000AA'
const GUARDIAN = '0x00000000000000000000000000000000000000Bb'
/** EIP-7825: no transaction may ask for more. */
const MAX_GAS = 16_777_216n

describe('the check of a deployment', () => {
  let chain: Awaited<ReturnType<typeof startAutomine>>
  let folder: string
  let file: string
  let record: DeploymentRecord
  const said: string[] = []

  before(async () => {
    chain = await startAutomine()
    folder = await mkdtemp(join(tmpdir(), 'assay-check-'))
    const key = keccak256(toHex('deployer of the check test'))
    await chain.client.setBalance({ address: privateKeyToAccount(key).address, value: 10n ** 18n })
    const provider = signingProvider(chain.rpcUrl, key)
    const folders = { deploymentsDir: folder, journalsDir: join(folder, 'journals') }
    const say = (line: string) => said.push(line)
    const terms = { network: 'checked', guardian: GUARDIAN }
    const deployed = await deployAndRecord({ ...terms, provider, pollMs: 10, ...folders, say })
    file = deployed.file
    record = deployed.record
  })
  after(async () => {
    await chain.stop()
    await rm(folder, { recursive: true })
  })

  const check = (network = 'checked') =>
    checkRecorded({
      network,
      provider: signingProvider(chain.rpcUrl),
      chainId: 31337,
      deploymentsDir: folder,
    })

  /** What the check says of a record with a change. */
  async function refusal(change: (changed: DeploymentRecord) => void): Promise<string> {
    const changed = structuredClone(record)
    change(changed)
    await writeFile(file, JSON.stringify(changed))
    return check().then(
      () => 'nothing',
      (error: Error) => error.message,
    )
  }

  it('tells anyone whom the contracts obey and what is fixed, as the deployment did', async () => {
    const { stakeRegistry, tasks, rounds, court, jury, canaries, accusations, windowAccusations, beacon } =
      record.contracts

    const checked = await check()

    const lines = checked.facts.map(factText)
    expect(checked.file).to.equal(file)
    expect(said.slice(-lines.length)).to.deep.equal(lines)
    expect(lines)
      .to.include(`StakeRegistry.tasks  ${tasks}  Tasks`)
      .and.include(`StakeRegistry.rounds  ${rounds}  Rounds`)
      .and.include(`StakeRegistry.court  ${court}  Court`)
      .and.include(`Rounds.registry  ${stakeRegistry}  StakeRegistry`)
      .and.include('StakeRegistry.unbondingSeconds  2419200  as recorded')
      .and.include('Tasks.verdictSeconds  864000  as recorded')
      .and.include(`Court.rounds  ${rounds}  Rounds`)
      .and.include(`Court.accusations  ${accusations}  Accusations`)
      .and.include(`Accusations.court  ${court}  Court`)
      .and.include(`Accusations.canaries  ${canaries}  Canaries`)
      .and.include(`Canaries.tasks  ${tasks}  Tasks`)
      .and.include(`Canaries.rounds  ${rounds}  Rounds`)
      .and.include(`Accusations.windows  ${windowAccusations}  WindowAccusations`)
      .and.include(`WindowAccusations.accusations  ${accusations}  Accusations`)
      .and.include(`Court.jury  ${jury}  Jury`)
      .and.include(`Jury.court  ${court}  Court`)
      .and.include(`Jury.beacon  ${beacon}  BlockHashBeacon`)
      .and.include(`Court.guardian  ${getAddress(GUARDIAN)}  as recorded`)
      .and.include(`Court.minBond  ${20n * 10n ** 18n}  as recorded`)
      .and.include('Jury.placeDelaySeconds  5  as recorded')
    expect(lines.filter((line) => line.endsWith('the code of this build'))).to.have.length(
      Object.keys(record.contracts).length,
    )
  })

  it('finds that each step of the deployment fits a transaction', async () => {
    const { transactions } = await chain.client.getBlock({ blockNumber: 1n })
    expect(transactions.length).to.be.above(0)
    const last = await chain.client.getBlockNumber()
    for (let blockNumber = 1n; blockNumber <= last; blockNumber++) {
      const { gasUsed, number } = await chain.client.getBlock({ blockNumber })
      expect(gasUsed < MAX_GAS, `block ${number} used ${gasUsed} gas`).to.equal(true)
    }
  })

  it('names the first thing that is not as recorded', async () => {
    const { assayToken, stakeRegistry, beacon } = record.contracts
    expect(await refusal((to) => (to.contracts.tasks = assayToken))).to.include(
      `Tasks.registry has no answer at ${assayToken}: another version is there, or another contract.`,
    )
    expect(await refusal((to) => (to.contracts.beacon = assayToken))).to.equal(
      `Rounds.beacon is ${beacon}, but the deployment's record says BlockHashBeacon at ${assayToken}: check the record against another copy; a wrong connection can only be left behind, by deploying under another name.`,
    )
    expect(await refusal((to) => (to.parameters.verdictSeconds = 1))).to.include(
      "Tasks.verdictSeconds is 864000, but the deployment's record says 1:",
    )
    expect(await refusal((to) => Reflect.deleteProperty(to.parameters, 'unbondingSeconds'))).to.include(
      "StakeRegistry.unbondingSeconds is 2419200, but the deployment's record says nothing:",
    )
    expect(await refusal((to) => Reflect.deleteProperty(to, 'parameters'))).to.include(
      `Court.guardian is ${getAddress(GUARDIAN)}, but the deployment's record says nothing:`,
    )
    expect(await refusal((to) => (to.parameters.guardian = zeroAddress))).to.include(
      `Court.guardian is ${getAddress(GUARDIAN)}, but the deployment's record says ${zeroAddress}:`,
    )
    expect(await refusal((to) => (to.parameters.minBond = 19))).to.include(
      `Court.minBond is ${20n * 10n ** 18n}, but the deployment's record says ${19n * 10n ** 18n}:`,
    )
    expect(await refusal((to) => (to.parameters.firstSeats = 0.5))).to.include(
      "Jury.firstSeats is 3, but the deployment's record says 0.5:",
    )
    expect(await refusal((to) => (to.contracts.jury = assayToken))).to.include(
      `Jury.court has no answer at ${assayToken}`,
    )
    expect(await refusal((to) => Reflect.deleteProperty(to.contracts, 'tasks'))).to.include(
      `${file} is not a valid deployment (contracts.tasks:`,
    )
    expect(await refusal((to) => (to.contracts.roundsLens = OTHER))).to.include('lacks contracts that')
    expect(await refusal((to) => (to.chainId = 1))).to.include('on chain 31337, but chain 1 is meant')
    const nowhere = await check('nowhere').catch((error: Error) => error.message)
    expect(nowhere).to.include('There is no record').and.to.include('nowhere.json')

    // The court's slot of the registry, as if its deployer had named another one.
    await chain.client.setStorageAt({ address: stakeRegistry, index: 2, value: pad(beacon) })
    expect(await refusal(() => undefined)).to.include(
      `StakeRegistry.court is ${beacon}, but the deployment's record says Court at ${record.contracts.court}:`,
    )
    await chain.client.setStorageAt({ address: stakeRegistry, index: 2, value: pad(record.contracts.court) })
    const { roundsMembership, rounds } = record.contracts
    await chain.client.setCode({ address: roundsMembership, bytecode: '0x00' })
    expect(await refusal(() => undefined)).to.include(
      `RoundsMembership at ${roundsMembership} has code with the hash ${keccak256('0x00')}, but`,
    )

    // Contracts that answer as the right ones would, and do something else: with more code, or with another value where one that
    // the constructor fixed is used.
    const codeOf = async (address: Address) => (await chain.client.getCode({ address }))!
    await chain.client.setCode({ address: rounds, bytecode: `${await codeOf(rounds)}00` })
    expect(await refusal(() => undefined)).to.include(`Rounds at ${rounds} has code with the hash`)
    const wordOf = (seconds: number) => pad(toHex(seconds)).slice(2)
    const [atView, atUse, rest] = (await codeOf(stakeRegistry)).split(wordOf(2_419_200))
    const bytecode = `${atView}${wordOf(2_419_200)}${atUse}${wordOf(60)}${rest}` as Hex
    await chain.client.setCode({ address: stakeRegistry, bytecode })
    expect(await refusal(() => undefined)).to.include(
      `StakeRegistry at ${stakeRegistry} has code with the hash`,
    )
  })
})
