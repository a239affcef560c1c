// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {SlashReasons} from "./SlashReasons.sol";

/// @title What each fault costs
/// @notice Shares of an amount fixed before the case: a contributor's `contributorStake`, or a validator's least stake
/// times its weight in the frozen roster of the round.
library Penalties {
    uint256 internal constant BPS = 10_000;
    /// Rounds within which a fault of the same kind counts as a repeat.
    uint256 internal constant REPEAT_ROUNDS = 8;
    /// A juror that doesn't reveal.
    uint256 internal constant SILENT_JUROR_BPS = 200;
    /// A juror whose value isn't the one of the last panel.
    uint256 internal constant WRONG_JUROR_BPS = 3_000;
    /// Seconds within which a juror's second wrong value counts as a repeat.
    uint256 internal constant JUROR_REPEAT_SECONDS = 30 days;

    /// Of first faults, in bps of the base: 16 bits each, by kind.
    uint256 private constant FIRST_SHARES =
        (1_000 << (16 * uint256(ICourt.CaseKind.OpeningWithheld))) |
            (5_000 << (16 * uint256(ICourt.CaseKind.FalseStep))) |
            (3_000 << (16 * uint256(ICourt.CaseKind.FalseScore))) |
            (3_000 << (16 * uint256(ICourt.CaseKind.FalseAggregate))) |
            (3_000 << (16 * uint256(ICourt.CaseKind.FalseModel))) |
            (1_000 << (16 * uint256(ICourt.CaseKind.UpdateUnavailable))) |
            (BPS << (16 * uint256(ICourt.CaseKind.TwoStatements))) |
            (1_000 << (16 * uint256(ICourt.CaseKind.WindowWithheld))) |
            (3_000 << (16 * uint256(ICourt.CaseKind.PassClaimed)));
    /// Bit i: a repeat of a fault of kind i costs no more.
    uint256 private constant ALWAYS_FIRST =
        (1 << uint256(ICourt.CaseKind.OpeningWithheld)) | (1 << uint256(ICourt.CaseKind.UpdateUnavailable));

    /// @notice The share of the base that a fault costs.
    /// @param kind of the fault
    /// @param before how many others of this kind are less than {REPEAT_ROUNDS} rounds before it, below that number
    /// @return bps of the base
    function shareOf(ICourt.CaseKind kind, uint256 before) internal pure returns (uint256) {
        uint256 number = uint256(kind);
        uint256 first = (FIRST_SHARES >> (16 * number)) & 0xffff;
        if (number == uint256(ICourt.CaseKind.WindowWithheld)) return Math.min(first << before, BPS);
        return before == 0 || (ALWAYS_FIRST >> number) & 1 == 1 ? first : BPS;
    }

    /// @notice What a fault costs.
    /// @param kind of the fault
    /// @param base ASSAY wei of which it costs a share
    /// @param before as in {shareOf}
    /// @return ASSAY wei
    function amountOf(ICourt.CaseKind kind, uint256 base, uint256 before) internal pure returns (uint256) {
        return (base * shareOf(kind, before)) / BPS;
    }

    /// @notice The reason in the registry's event.
    /// @param kind of the fault
    /// @return a constant of {SlashReasons}
    function reasonOf(ICourt.CaseKind kind) internal pure returns (bytes32) {
        uint256 number = uint256(kind);
        if (number == uint256(ICourt.CaseKind.OpeningWithheld)) return SlashReasons.OPENING_WITHHELD;
        if (number == uint256(ICourt.CaseKind.FalseStep)) return SlashReasons.FALSE_STEP;
        if (number == uint256(ICourt.CaseKind.WindowWithheld)) return SlashReasons.WINDOW_WITHHELD;
        if (number == uint256(ICourt.CaseKind.FalseScore)) return SlashReasons.FALSE_SCORE;
        if (number == uint256(ICourt.CaseKind.FalseAggregate)) return SlashReasons.FALSE_AGGREGATE;
        if (number == uint256(ICourt.CaseKind.UpdateUnavailable)) return SlashReasons.UPDATE_UNAVAILABLE;
        if (number == uint256(ICourt.CaseKind.TwoStatements)) return SlashReasons.TWO_STATEMENTS;
        if (number == uint256(ICourt.CaseKind.PassClaimed)) return SlashReasons.FALSE_PASS;
        return SlashReasons.FALSE_MODEL;
    }
}
