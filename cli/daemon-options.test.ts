import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CONTRACT_NAMES } from '@assay/sdk/client/deployment.ts'
import { expect } from 'chai'
import { Command } from 'commander'
import { parseGwei, zeroAddress } from 'viem'
import { type DaemonOptions, daemonConfig, daemonPackage, withDaemon } from './daemon-options.ts'
import { CliError } from './failure.ts'

describe('options of the daemons', () => {
  let folder: string
  let keyBefore: string | undefined

  before(() => {
    keyBefore = process.env.ASSAY_PRIVATE_KEY
    process.env.ASSAY_PRIVATE_KEY = `0x${'01'.repeat(32)}`
    folder = mkdtempSync(join(tmpdir(), 'assay-options-'))
    const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, zeroAddress]))
    const deployment = { network: 'test', chainId: 31_337, startBlock: 0, commit: 'test', contracts }
    writeFileSync(join(folder, 'test.json'), JSON.stringify(deployment))
  })

  after(() => {
    if (keyBefore === undefined) delete process.env.ASSAY_PRIVATE_KEY
    else process.env.ASSAY_PRIVATE_KEY = keyBefore
    rmSync(folder, { recursive: true })
  })

  /** The config that a command line gives, without a node. */
  async function configOf(...args: string[]) {
    const access = ['--rpc', 'http://127.0.0.1:9', '--deployment', join(folder, 'test.json')]
    const store = args.includes('--store-url') ? [] : ['--store-dir', folder]
    const places = ['--data-dir', folder, ...store]
    const command = withDaemon(new Command()).parse([...access, ...places, ...args], { from: 'user' })
    const options = command.opts<DaemonOptions>()
    return daemonConfig(1n, options, await daemonPackage(options))
  }

  it('name as many stores as one likes', async () => {
    const { storeUrl, storeDir } = await configOf(
      '--store-url',
      'http://a',
      '--store-url',
      'https://me:secret@b',
      '--store-dir',
      folder,
    )
    expect({ storeUrl, storeDir }).to.deep.equal({
      storeUrl: ['http://a', 'https://me:secret@b'],
      storeDir: [folder],
    })
  })

  it('take a maximum fee in gwei, and set none by themselves', async () => {
    const fees = [['50'], ['0.25'], ['1,000,000'], []].map((gwei) =>
      configOf(...gwei.flatMap((number) => ['--max-fee-gwei', number])),
    )
    const inWei = (await Promise.all(fees)).map(({ maxFeeWei }) => maxFeeWei)
    expect(inWei).to.deep.equal([parseGwei('50'), parseGwei('0.25'), parseGwei('1000000'), undefined])
  })

  for (const [text, reason] of [
    ['0', '--max-fee-gwei "0" is not above 0.'],
    ['much', '--max-fee-gwei "much" is not a number of gwei.'],
    ['0,5', '--max-fee-gwei "0,5" has a comma that may be a decimal point, or separate thousands.'],
    ['0.1234567891', '--max-fee-gwei "0.1234567891" has 10 decimals, and gwei has 9.'],
    ['1000001', '--max-fee-gwei "1000001" is more than 1,000,000 gwei.'],
  ] as const) {
    it(`refuse a maximum fee of "${text}"`, async () => {
      const failure = await configOf('--max-fee-gwei', text).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(CliError)
      expect((failure as CliError).message).to.equal(reason)
    })
  }

  for (const [args, reason] of [
    [['--metrics-port', '999999'], '--metrics-port "999999" is not a whole number from 1 to 65535.'],
    [['--metrics-port', '0'], '--metrics-port "0" is not a whole number from 1 to 65535.'],
    [['--poll-ms', 'often'], '--poll-ms "often" is not a whole number from 1 to 2147483647.'],
    [['--store-url', 'ftp://x'], '"ftp://x" is not the address of a store:'],
    [['--store-url', 'here'], '"here" is not the address of a store:'],
    [['--store-dir', import.meta.filename], `${import.meta.filename} is not a folder.`],
    [['--package', 'none'], 'none is not a task package'],
  ] as const) {
    it(`refuse ${args.join(' ')} as wrong usage before anything starts`, async () => {
      const failure = await configOf(...args).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(CliError)
      expect(failure).to.have.property('kind', 'usage')
      expect((failure as CliError).message).to.include(reason)
    })
  }

  it('refuse a data directory that the system cannot make, instead of trying for ever', async function () {
    if (process.platform !== 'linux') this.skip()
    const failure = await configOf('--data-dir', '/proc/nope').catch((error: unknown) => error)
    expect(failure).to.include({ code: 'ENOENT', path: '/proc/nope' })
  })
})
