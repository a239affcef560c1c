// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RewardFormula} from "../../../contracts/libraries/RewardFormula.sol";
import {Libraries} from "../fixtures/Libraries.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice The formula never overflows, is zero where the protocol says so, and never falls when an input rises.
contract RewardFormulaTest is Test {
    Libraries private _libraries = new Libraries();

    function testFuzz_PayNeverOverflowsAndIsWhatTheFormulaSays(RewardFormula.Inputs memory inputs) public pure {
        // Any values of the types, far beyond the protocol's limits: checked and unchecked arithmetic must agree.
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(inputs);
        if (inputs.qualityBps == 0) return;

        uint256 factor = uint256(inputs.reputationBps) * inputs.earlyBonusBps;
        uint256 compute = uint256(inputs.priceCompute) * inputs.computeUnits * inputs.provenBps * inputs.qualityBps;
        uint256 data = uint256(inputs.priceData) * inputs.dataUnits * inputs.rarityBps;
        assertEq(computePay, (compute * factor) / 1e16, "compute pay");
        assertEq(dataPay, (data * factor) / 1e12, "data pay");
    }

    function test_PayAtTheLargestInputs() public pure {
        RewardFormula.Inputs memory inputs = _largest();
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(inputs);
        assertEq(computePay, (uint256(type(uint96).max) * type(uint32).max * 9_394 * 10_000 * 15_000 * 20_000) / 1e16);
        assertEq(dataPay, (uint256(type(uint96).max) * type(uint32).max * 20_000 * 15_000 * 20_000) / 1e12);
    }

    function testFuzz_NoQualityNoPay(RewardFormula.Inputs memory inputs) public pure {
        inputs.qualityBps = 0;
        _assertPay(inputs, 0, 0);
    }

    function testFuzz_NothingProvenNoComputePay(RewardFormula.Inputs memory inputs) public pure {
        inputs.provenBps = 0;
        (uint256 computePay, ) = RewardFormula.contributorPay(inputs);
        assertEq(computePay, 0);
    }

    function testFuzz_NoRarityNoDataPay(RewardFormula.Inputs memory inputs) public pure {
        inputs.rarityBps = 0;
        (, uint256 dataPay) = RewardFormula.contributorPay(inputs);
        assertEq(dataPay, 0);
    }

    function testFuzz_PayNeverFallsWhenAnInputRises(
        RewardFormula.Inputs memory inputs,
        uint8 field,
        uint96 by
    ) public pure {
        (uint256 computeBefore, uint256 dataBefore) = RewardFormula.contributorPay(inputs);
        _raise(inputs, field % 9, by);
        (uint256 computeAfter, uint256 dataAfter) = RewardFormula.contributorPay(inputs);
        assertGe(computeAfter, computeBefore, "compute pay fell");
        assertGe(dataAfter, dataBefore, "data pay fell");
    }

    function testFuzz_SplittingDataNeverRaisesTheSum(RewardFormula.Inputs memory inputs, uint32 part) public pure {
        uint32 whole = inputs.dataUnits;
        (, uint256 together) = RewardFormula.contributorPay(inputs);

        inputs.dataUnits = uint32(bound(part, 0, whole));
        (, uint256 first) = RewardFormula.contributorPay(inputs);
        inputs.dataUnits = whole - inputs.dataUnits;
        (, uint256 second) = RewardFormula.contributorPay(inputs);

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
        RewardFormula.Inputs memory inputs = _largest();
        inputs.priceCompute = limits.priceCompute;
        inputs.computeUnits = limits.computeUnits;
        inputs.provenBps = 10_000;
        inputs.priceData = limits.priceData;
        inputs.dataUnits = limits.dataUnits;
        inputs.earlyBonusBps = limits.earlyBonusBps;
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(inputs);

        uint256 entries = uint256(limits.slots) * limits.committeeSize * 2;
        uint256 validation = RewardFormula.validatorPay(limits.priceValidation, entries, 12_000);
        uint256 spent = limits.slots * (computePay + dataPay) + validation;
        assertGe(RewardFormula.largestRoundCost(limits), spent);
    }

    function testFuzz_TheReserveIsEachPartRoundedUp(RewardFormula.Limits memory limits) public pure {
        limits.slots = uint16(bound(limits.slots, 1, 2_048));
        uint256 units =
            uint256(limits.priceCompute) * limits.computeUnits + 2 * uint256(limits.priceData) * limits.dataUnits;
        uint256 work = units * limits.slots * 3 * limits.earlyBonusBps;
        uint256 entries = ((uint256(limits.slots) + 15) / 16) * 32 * limits.committeeSize;
        uint256 validation = entries * limits.priceValidation * 6;
        assertEq(RewardFormula.largestRoundCost(limits), (work + 19_999) / 20_000 + (validation + 4) / 5);
    }

    function test_TheReserveRoundsUpWhatDoesNotDivide() public pure {
        RewardFormula.Limits memory limits = RewardFormula.Limits({
            slots: 1,
            committeeSize: 3,
            earlyBonusBps: 10_000,
            priceCompute: 0,
            computeUnits: 1,
            priceData: 0,
            dataUnits: 1,
            priceValidation: 0
        });
        assertEq(RewardFormula.largestRoundCost(limits), 0, "nothing");
        limits.priceCompute = 1;
        assertEq(RewardFormula.largestRoundCost(limits), 2, "1.5 for compute");
        limits.priceCompute = 2;
        assertEq(RewardFormula.largestRoundCost(limits), 3, "3 for compute");
        limits.priceValidation = 1;
        assertEq(RewardFormula.largestRoundCost(limits), 3 + 116, "115.2 for 96 entries");
    }

    function testFuzz_ValidatorPayIsWhatTheFormulaSays(uint96 price, uint32 entries, uint16 uptime) public pure {
        assertEq(RewardFormula.validatorPay(price, entries, uptime), (uint256(price) * entries * uptime) / 10_000);
    }

    function testFuzz_ProvenFractionRisesWithEveryWindow(uint256 proven) public pure {
        proven = bound(proven, 1, 48);
        assertGt(RewardFormula.provenFractionBps(proven), RewardFormula.provenFractionBps(proven - 1));
        assertLt(RewardFormula.provenFractionBps(proven), 10_000);
    }

    function test_ProvenFractionIsTheExactRoot() public pure {
        assertEq(RewardFormula.provenFractionBps(0), 0);
        // x = ⌊10,000 · 0.05^(1/m)⌋ means 20·x^m ≤ 10,000^m < 20·(x + 1)^m; beyond m = 18 the powers need more than 256
        // bits.
        for (uint256 m = 1; m <= 18; ++m) {
            uint256 x = RewardFormula.provenFractionBps(m);
            assertLe(20 * x ** m, 10_000 ** m, "too high");
            assertGt(20 * (x + 1) ** m, 10_000 ** m, "too low");
        }
        assertEq(RewardFormula.provenFractionBps(48), 9_394);
    }

    function testFuzz_RevertWhen_MoreWindowsThanArePooled(uint256 proven) public {
        proven = bound(proven, 49, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(RewardFormula.RewardFormula_TooManyProvenWindows.selector, proven, 48));
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

    function _largest() private pure returns (RewardFormula.Inputs memory) {
        return
            RewardFormula.Inputs({
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

    function _raise(RewardFormula.Inputs memory inputs, uint8 field, uint96 by) private pure {
        if (field == 0) inputs.priceCompute = uint96(_sum(inputs.priceCompute, by, type(uint96).max));
        if (field == 1) inputs.priceData = uint96(_sum(inputs.priceData, by, type(uint96).max));
        if (field == 2) inputs.computeUnits = uint32(_sum(inputs.computeUnits, by, type(uint32).max));
        if (field == 3) inputs.dataUnits = uint32(_sum(inputs.dataUnits, by, type(uint32).max));
        if (field == 4) inputs.provenBps = uint16(_sum(inputs.provenBps, by, type(uint16).max));
        if (field == 5) inputs.qualityBps = uint16(_sum(inputs.qualityBps, by, type(uint16).max));
        if (field == 6) inputs.rarityBps = uint16(_sum(inputs.rarityBps, by, type(uint16).max));
        if (field == 7) inputs.reputationBps = uint16(_sum(inputs.reputationBps, by, type(uint16).max));
        if (field == 8) inputs.earlyBonusBps = uint16(_sum(inputs.earlyBonusBps, by, type(uint16).max));
    }

    function _sum(uint256 value, uint256 by, uint256 most) private pure returns (uint256) {
        return value + by < most ? value + by : most;
    }

    function _assertPay(RewardFormula.Inputs memory inputs, uint256 compute, uint256 data) private pure {
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(inputs);
        assertEq(computePay, compute);
        assertEq(dataPay, data);
    }
}
