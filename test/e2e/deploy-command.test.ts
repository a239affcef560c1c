import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { startAutomine } from './support/automine.ts'
import { run } from './support/command.ts'

const DEPLOY = join(import.meta.dirname, '../../scripts/deploy.ts')

describe('npm run deploy', () => {
  const key = keccak256(toHex('deployer of the deploy command test'))
  let chain: Awaited<ReturnType<typeof startAutomine>>
  let folder: string

  before(async () => {
    chain = await startAutomine()
    folder = await mkdtemp(join(tmpdir(), 'assay-deploy-command-'))
    await chain.client.setBalance({ address: privateKeyToAccount(key).address, value: 10n ** 18n })
  })
  after(async () => {
    await chain.stop()
    await rm(folder, { recursive: true })
  })

  it('writes the record on stdout, and tells the second time that all is done', async () => {
    const network = `local-test-${process.pid}`
    const args = ['--rpc', chain.rpcUrl, '--network', network, '--json', '--beacon-delay-blocks', '1']
    const environment = { ASSAY_DEPLOYER_KEY: key }
    const root = join(import.meta.dirname, '../..')
    try {
      const first = await run(DEPLOY, args, environment)
      expect(first.code, first.stderr).to.equal(0)
      const record = JSON.parse(first.stdout)
      expect(record.parameters.beaconDelayBlocks).to.equal(1)

      const second = await run(DEPLOY, args, environment)
      expect(second.stderr).to.include('deployed already')
      expect(JSON.parse(second.stdout)).to.deep.equal(record)

      const checked = await run(DEPLOY, [...args, '--check'])
      expect(checked.code, checked.stderr).to.equal(0)
      const facts = JSON.parse(checked.stdout) as { name: string; value: string }[]
      expect(facts.find(({ name }) => name === 'StakeRegistry.rounds')?.value).to.equal(
        record.contracts.rounds,
      )
      expect(checked.stderr).to.match(/^All is as .*\.json says\.\n$/)

      const wrong = await run(DEPLOY, [...args, '--chain-id', '1'], environment)
      expect(wrong.code).to.equal(1)
      expect(wrong.stderr).to.equal(
        'The node is on chain 31337, but chain 1 is meant: check the URL, or choose another --network.\n',
      )
    } finally {
      await rm(join(root, 'deployments', `${network}.json`), { force: true })
      await rm(join(root, 'ignition/deployments', network), { recursive: true, force: true })
    }
  })

  it('tells wrong usage by code 2 and a sentence', async () => {
    const cases: [string[], string][] = [
      [['--network', 'nowhere'], 'the chains of hardhat.config.ts are localhost, custom, sepolia: use'],
      [['--network', 'default'], '--network is "default", but the chains'],
      [['--network', 'node'], '--network is "node", but the chains'],
      [['--network', '../x'], 'it names a file'],
      [['--unbonding-seconds', 'soon', '--rpc', chain.rpcUrl], '--unbonding-seconds is "soon"'],
      [['--margin-seconds', '4294967296', '--rpc', chain.rpcUrl], '--margin-seconds is 4294967296, above'],
      [['--unbonding-seconds', '5', '--rpc', chain.rpcUrl, '--out', folder], '60 and 15552000 seconds'],
      [['--token-holder', '0x12', '--rpc', chain.rpcUrl], '--token-holder is "0x12"'],
      [['--rpc', '127.0.0.1:8545'], '--rpc is "127.0.0.1:8545"'],
      [['--frobnicate'], 'See npm run deploy -- --help'],
    ]
    const answers = await Promise.all(cases.map(([args]) => run(DEPLOY, args)))
    for (const [i, { code, stderr, stdout }] of answers.entries()) {
      const [args, sentence] = cases[i]!
      expect(code, args.join(' ')).to.equal(2)
      expect(stderr).to.include(sentence).and.not.to.include('    at ')
      expect(stdout).to.equal('')
    }
  })

  it('tells of a silent node by code 75, and what to do', async () => {
    const { code, stderr } = await run(DEPLOY, ['--rpc', 'http://127.0.0.1:1'])

    expect([code, stderr.includes('    at ')], stderr).to.deep.equal([75, false])
    expect(stderr).to.include('check the RPC URL')
  })
})
