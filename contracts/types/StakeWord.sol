// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// An account's stake. Amounts are in ASSAY wei; the supply is below 2⁹⁰. Unix seconds stay below 2⁴⁰ for 34,000 years.
type StakeWord is uint256;

using StakeWordLibrary for StakeWord global;

/// @title Reads and packs a {StakeWord}
/// @notice Layout, the lowest bits first; twin: STAKE_WORD in `sdk/protocol/words.ts`.
library StakeWordLibrary {
    using SafeCast for uint256;

    /// Stake that can be reserved.
    uint256 private constant ACTIVE_OFFSET = 0;
    uint256 private constant ACTIVE_BITS = 96;
    /// Stake that is unbonding.
    uint256 private constant UNBONDING_OFFSET = 96;
    uint256 private constant UNBONDING_BITS = 96;
    /// Unix seconds from which the unbonding stake can be withdrawn, 0 if there is none.
    uint256 private constant AVAILABLE_AT_OFFSET = 192;
    uint256 private constant AVAILABLE_AT_BITS = 40;

    /// @dev Packs a stake. Reverts with SafeCast's error if a part doesn't fit.
    function pack(
        uint256 activeWei,
        uint256 unbondingWei,
        uint256 availableAtSeconds
    ) internal pure returns (StakeWord) {
        return
            StakeWord.wrap(
                (uint256(activeWei.toUint96()) << ACTIVE_OFFSET) |
                    (uint256(unbondingWei.toUint96()) << UNBONDING_OFFSET) |
                    (uint256(availableAtSeconds.toUint40()) << AVAILABLE_AT_OFFSET)
            );
    }

    function active(StakeWord self) internal pure returns (uint256) {
        return uint96(StakeWord.unwrap(self) >> ACTIVE_OFFSET);
    }

    function unbonding(StakeWord self) internal pure returns (uint256) {
        return uint96(StakeWord.unwrap(self) >> UNBONDING_OFFSET);
    }

    function availableAt(StakeWord self) internal pure returns (uint256) {
        return uint40(StakeWord.unwrap(self) >> AVAILABLE_AT_OFFSET);
    }

    /// @dev The word with more active stake. Reverts with SafeCast's error if the sum doesn't fit.
    function plusActive(StakeWord self, uint256 amountWei) internal pure returns (StakeWord) {
        uint256 rest = StakeWord.unwrap(self) & ~(uint256(type(uint96).max) << ACTIVE_OFFSET);
        return StakeWord.wrap(rest | (uint256((active(self) + amountWei).toUint96()) << ACTIVE_OFFSET));
    }

    /// @dev The word without unbonding stake.
    function withoutUnbonding(StakeWord self) internal pure returns (StakeWord) {
        return StakeWord.wrap(active(self) << ACTIVE_OFFSET);
    }
}
