// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RewardFormula} from "../../../contracts/libraries/RewardFormula.sol";
import {Libraries} from "../fixtures/Libraries.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice The formula never overflows, is zero where the table says zero, and never falls when an input rises.
contract RewardFormulaTest is Test {
    Libraries private _libraries = new Libraries();

    function testFuzz_PayNeverOverflowsAndIsWhatTheFormulaSays(RewardFormula.Terms memory terms) public pure {
        // Whatever the types hold, far beyond the protocol's limits: checked arithmetic must agree with the unchecked.
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(terms);
        if (terms.qualityBps == 0) return;

        uint256 factor = uint256(terms.reputationBps) * terms.earlyBonusBps;
        uint256 compute = uint256(terms.priceCompute) * terms.computeUnits * terms.provenBps * terms.qualityBps;
        uint256 data = uint256(terms.priceData) * terms.dataUnits * terms.rarityBps;
        assertEq(computePay, (compute * factor) / 1e16, "compute pay");
        assertEq(dataPay, (data * factor) / 1e12, "data pay");
    }

    function test_PayAtTheLargestInputs() public pure {
        RewardFormula.Terms memory terms = _largest();
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(terms);
        assertEq(computePay, (uint256(type(uint96).max) * type(uint32).max * 9_394 * 10_000 * 15_000 * 20_000) / 1e16);
        assertEq(dataPay, (uint256(type(uint96).max) * type(uint32).max * 20_000 * 15_000 * 20_000) / 1e12);
    }

    function testFuzz_NoQualityNoPay(RewardFormula.Terms memory terms) public pure {
        terms.qualityBps = 0;
        _assertPay(terms, 0, 0);
    }

    function testFuzz_NothingProvenNoComputePay(RewardFormula.Terms memory terms) public pure {
        terms.provenBps = 0;
        (uint256 computePay, ) = RewardFormula.contributorPay(terms);
        assertEq(computePay, 0);
    }

    function testFuzz_NoRarityNoDataPay(RewardFormula.Terms memory terms) public pure {
        terms.rarityBps = 0;
        (, uint256 dataPay) = RewardFormula.contributorPay(terms);
        assertEq(dataPay, 0);
    }

    function testFuzz_PayNeverFallsWhenAnInputRises(
        RewardFormula.Terms memory terms,
        uint8 field,
        uint96 by
    ) public pure {
        (uint256 computeBefore, uint256 dataBefore) = RewardFormula.contributorPay(terms);
        _raise(terms, field % 9, by);
        (uint256 computeAfter, uint256 dataAfter) = RewardFormula.contributorPay(terms);
        assertGe(computeAfter, computeBefore, "compute pay fell");
        assertGe(dataAfter, dataBefore, "data pay fell");
    }

    function testFuzz_SplittingDataNeverRaisesTheSum(RewardFormula.Terms memory terms, uint32 part) public pure {
        uint32 whole = terms.dataUnits;
        (, uint256 together) = RewardFormula.contributorPay(terms);

        terms.dataUnits = uint32(bound(part, 0, whole));
        (, uint256 first) = RewardFormula.contributorPay(terms);
        terms.dataUnits = whole - terms.dataUnits;
        (, uint256 second) = RewardFormula.contributorPay(terms);

        assertLe(first + second, together, "two identities earn more than one");
        assertLe(together - (first + second), 1, "more than rounding is lost");
    }

    function testFuzz_ValidatorPayIsMonotoneAndBounded(
        uint96 price,
        uint32 entries,
        uint16 uptime,
        uint32 more
    ) public pure {
        uptime = uint16(bound(uptime, 0, 12_000));
        entries = uint32(bound(entries, 0, type(uint32).max - more));
        uint256 pay = RewardFormula.validatorPay(price, entries, uptime);
        assertGe(RewardFormula.validatorPay(price, uint256(entries) + more, uptime), pay);
        assertGe(RewardFormula.validatorPay(price, entries, uint256(uptime) + more), pay);
        assertEq(RewardFormula.validatorPay(price, entries, 0), 0);
        assertLe(pay, (uint256(price) * entries * 12) / 10);
    }

    /// The reserve of a round covers every slot at the highest pay and every entry of both draws.
    function testFuzz_TheReserveCoversTheMostThatARoundCanPay(RewardFormula.Limits memory limits) public pure {
        limits.slots = uint16(bound(limits.slots, 1, 8_192));
        limits.committeeSize = uint8(bound(limits.committeeSize, 3, 15));
        limits.earlyBonusBps = uint16(bound(limits.earlyBonusBps, 10_000, 20_000));
        RewardFormula.Terms memory terms = _largest();
        terms.priceCompute = limits.priceCompute;
        terms.computeUnits = limits.computeUnits;
        terms.provenBps = 10_000;
        terms.priceData = limits.priceData;
        terms.dataUnits = limits.dataUnits;
        terms.earlyBonusBps = limits.earlyBonusBps;
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(terms);

        uint256 entries = uint256(limits.slots) * limits.committeeSize * 2;
        uint256 service = RewardFormula.validatorPay(limits.priceValidation, entries, 12_000);
        uint256 spent = limits.slots * (computePay + dataPay) + service;
        assertGe(RewardFormula.largestRoundCost(limits), spent);
    }

    function testFuzz_ProvenFractionRisesWithEveryStep(uint256 proven) public pure {
        proven = bound(proven, 1, 48);
        assertGt(RewardFormula.provenFractionBps(proven), RewardFormula.provenFractionBps(proven - 1));
        assertLt(RewardFormula.provenFractionBps(proven), 10_000);
    }

    function test_ProvenFractionIsTheExactRoot() public pure {
        assertEq(RewardFormula.provenFractionBps(0), 0);
        // x = ⌊10,000 · 0.05^(1/m)⌋ means 20·x^m ≤ 10,000^m < 20·(x + 1)^m; beyond m = 18 the powers need more than 256 bits.
        for (uint256 m = 1; m <= 18; ++m) {
            uint256 x = RewardFormula.provenFractionBps(m);
            assertLe(20 * x ** m, 10_000 ** m, "too high");
            assertGt(20 * (x + 1) ** m, 10_000 ** m, "too low");
        }
        assertEq(RewardFormula.provenFractionBps(48), 9_394);
    }

    function testFuzz_RevertWhen_MoreStepsThanArePooled(uint256 proven) public {
        proven = bound(proven, 49, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(RewardFormula.RewardFormula_TooManyProvenSteps.selector, proven, 48));
        _libraries.provenFractionBps(proven);
    }

    function testFuzz_EarlyBonusFallsFromItsStartToOne(uint16 bonus, uint16 rounds, uint32 round) public pure {
        bonus = uint16(bound(bonus, 10_000, 20_000));
        round = uint32(bound(round, 1, uint256(rounds) + 2));
        uint256 now_ = RewardFormula.earlyBonusBps(bonus, rounds, round);
        assertLe(now_, bonus);
        assertGe(now_, 10_000);
        assertLe(RewardFormula.earlyBonusBps(bonus, rounds, uint256(round) + 1), now_, "bonus rose");
        if (rounds > 0) assertEq(RewardFormula.earlyBonusBps(bonus, rounds, 1), bonus);
        assertEq(RewardFormula.earlyBonusBps(bonus, rounds, uint256(rounds) + 1), 10_000);
    }

    function _largest() private pure returns (RewardFormula.Terms memory) {
        return
            RewardFormula.Terms({
                priceCompute: type(uint96).max,
                computeUnits: type(uint32).max,
                provenBps: 9_394,
                qualityBps: 10_000,
                priceData: type(uint96).max,
                dataUnits: type(uint32).max,
                rarityBps: 20_000,
                reputationBps: 15_000,
                earlyBonusBps: 20_000
            });
    }

    function _raise(RewardFormula.Terms memory terms, uint8 field, uint96 by) private pure {
        if (field == 0) terms.priceCompute = uint96(_sum(terms.priceCompute, by, type(uint96).max));
        if (field == 1) terms.priceData = uint96(_sum(terms.priceData, by, type(uint96).max));
        if (field == 2) terms.computeUnits = uint32(_sum(terms.computeUnits, by, type(uint32).max));
        if (field == 3) terms.dataUnits = uint32(_sum(terms.dataUnits, by, type(uint32).max));
        if (field == 4) terms.provenBps = uint16(_sum(terms.provenBps, by, type(uint16).max));
        if (field == 5) terms.qualityBps = uint16(_sum(terms.qualityBps, by, type(uint16).max));
        if (field == 6) terms.rarityBps = uint16(_sum(terms.rarityBps, by, type(uint16).max));
        if (field == 7) terms.reputationBps = uint16(_sum(terms.reputationBps, by, type(uint16).max));
        if (field == 8) terms.earlyBonusBps = uint16(_sum(terms.earlyBonusBps, by, type(uint16).max));
    }

    function _sum(uint256 value, uint256 by, uint256 most) private pure returns (uint256) {
        return value + by < most ? value + by : most;
    }

    function _assertPay(RewardFormula.Terms memory terms, uint256 compute, uint256 data) private pure {
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(terms);
        assertEq(computePay, compute);
        assertEq(dataPay, data);
    }
}
