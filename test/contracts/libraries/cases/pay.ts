import * as formula from '@assay/sdk/protocol/reward-formula.ts'
import { type Case, UINT32, UINT96 } from './case.ts'

export const payCases: readonly Case[] = [
  {
    name: 'provenFractionBps',
    count: 100,
    draw: (d) => {
      const proven = d.number(0, 50)
      return { args: [proven], twin: () => [formula.provenFractionBps(proven)] }
    },
  },
  {
    name: 'earlyBonusBps',
    count: 300,
    draw: (d) => {
      const [bonus, rounds] = [d.number(10_000, 20_000), d.number(0, 65_535)]
      const round = d.number(1, rounds + 2)
      return { args: [bonus, rounds, round], twin: () => [formula.earlyBonusBps(bonus, rounds, round)] }
    },
  },
  {
    name: 'contributorPay',
    count: 1_000,
    draw: (d) => {
      const inputs: formula.Inputs = {
        priceCompute: d.bigint(0n, UINT96),
        computeUnits: d.number(0, Number(UINT32)),
        provenBps: d.number(0, 9_394),
        qualityBps: d.number(0, 10_000),
        priceData: d.bigint(0n, UINT96),
        dataUnits: d.number(0, Number(UINT32)),
        rarityBps: d.number(0, 20_000),
        reputationBps: d.number(5_000, 15_000),
        earlyBonusBps: d.number(10_000, 20_000),
      }
      return { args: [Object.values(inputs)], twin: () => Object.values(formula.contributorPay(inputs)) }
    },
  },
  {
    name: 'validatorPay',
    count: 200,
    draw: (d) => {
      const [price, entries, uptime] = [
        d.bigint(0n, UINT96),
        d.number(0, Number(UINT32)),
        d.number(0, 12_000),
      ]
      return {
        args: [price, entries, uptime],
        twin: () => [formula.validatorPay(price, entries, uptime)],
      }
    },
  },
  {
    name: 'largestRoundCost',
    count: 300,
    draw: (d) => {
      const limits: formula.Limits = {
        slots: d.number(0, 65_535, 16, 17),
        committeeSize: d.number(3, 15),
        earlyBonusBps: d.number(10_000, 20_000),
        priceCompute: d.bigint(0n, UINT96),
        computeUnits: d.number(0, Number(UINT32)),
        priceData: d.bigint(0n, UINT96),
        dataUnits: d.number(0, Number(UINT32)),
        priceValidation: d.bigint(0n, UINT96),
      }
      return { args: [Object.values(limits)], twin: () => [formula.largestRoundCost(limits)] }
    },
  },
]
