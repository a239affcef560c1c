// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Penalties} from "../../../contracts/libraries/Penalties.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice What each fault costs, first and repeated, as the protocol lists it.
contract PenaltiesTest is Test {
    /// Of a first fault, in percent of the base, by kind from 1 on.
    uint256[9] private _firstPercent = [uint256(10), 50, 30, 30, 30, 10, 100, 10, 30];
    bytes32[9] private _reasons = [
        SlashReasons.OPENING_WITHHELD,
        SlashReasons.FALSE_STEP,
        SlashReasons.FALSE_SCORE,
        SlashReasons.FALSE_AGGREGATE,
        SlashReasons.FALSE_MODEL,
        SlashReasons.UPDATE_UNAVAILABLE,
        SlashReasons.TWO_STATEMENTS,
        SlashReasons.WINDOW_WITHHELD,
        SlashReasons.FALSE_PASS
    ];

    function test_EachKindHasItsShareFirstAndRepeated() public view {
        for (uint256 i = 0; i < 9; ++i) {
            ICourt.CaseKind kind = ICourt.CaseKind(i + 1);
            for (uint256 before = 0; before < Penalties.REPEAT_ROUNDS; ++before) {
                assertEq(Penalties.shareOf(kind, before), 100 * percentOf(kind, _firstPercent[i], before));
            }
        }
    }

    function percentOf(ICourt.CaseKind kind, uint256 first, uint256 before) private pure returns (uint256) {
        if (kind == ICourt.CaseKind.OpeningWithheld || kind == ICourt.CaseKind.UpdateUnavailable) return first;
        if (kind != ICourt.CaseKind.WindowWithheld) return before == 0 ? first : 100;
        return before < 4 ? [uint256(10), 20, 40, 80][before] : 100;
    }

    function test_EachKindHasItsReason() public view {
        for (uint256 i = 0; i < 9; ++i) assertEq(Penalties.reasonOf(ICourt.CaseKind(i + 1)), _reasons[i]);
    }

    /// A part of a wei isn't taken.
    function test_AmountsAreRoundedDown() public pure {
        assertEq(Penalties.amountOf(ICourt.CaseKind.FalseStep, 10_001, 0), 5_000);
        assertEq(Penalties.amountOf(ICourt.CaseKind.FalseScore, 3, 0), 0);
        assertEq(Penalties.amountOf(ICourt.CaseKind.WindowWithheld, 99, 3), 79);
        assertEq(Penalties.amountOf(ICourt.CaseKind.TwoStatements, type(uint96).max, 0), type(uint96).max);
    }
}
