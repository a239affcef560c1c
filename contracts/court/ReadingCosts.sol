// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Readings} from "../libraries/Readings.sol";
import {SlashReasons} from "../libraries/SlashReasons.sol";
import {Bonds} from "./Bonds.sol";

/// @title What a reading costs
/// @notice Nobody can tell whether a window that readers get was withheld from the seat that asked for it. So whoever asks
/// pays the readers. If a second seat that had to read the window said before that it was withheld from it, too, both sides
/// pay half: two of three seats must lie together to make an honest contributor pay.
abstract contract ReadingCosts is Bonds {
    /// Most of what is taken that can be paid out, in bps; the registry has the same limit.
    uint256 internal constant REWARD_BPS = 4_000;
    /// The most that the defendant pays, as a share of its base: half of what a withheld window costs.
    uint256 private constant MAX_SHARE_BPS = 500;

    /// @dev Most ASSAY wei that a seat of a case earns. A reader earns the same whatever it says: where both sides pay, half
    /// of the fee from the challenger, and what the registry lets through of the other half.
    function _mostFee(Facts memory facts) internal view returns (uint256) {
        // Stakes are below 2⁹⁶.
        unchecked {
            return _isShared(facts) ? (_fee() * (BPS + REWARD_BPS)) / (2 * BPS) : _fee();
        }
    }

    /// @dev Whether both sides pay the readers.
    function _isShared(Facts memory facts) private pure returns (bool) {
        return _isReading(facts) && facts.context == Readings.SAID_BY_TWO;
    }

    /// @dev Shares out the bond of a challenger that lost: all of it is lost, but after a reading only the fees.
    function _loseBond(Facts memory facts) internal returns (uint256 lost) {
        if (!_isReading(facts)) return facts.bond;
        // The bond is at least three times as much. Bases and stakes are below 2⁹⁶.
        unchecked {
            bool isShared = _isShared(facts);
            lost = (Readings.SEATS * _fee()) / (isShared ? 2 : 1);
            _owe(facts.challenger, facts.bond - lost);
            if (!isShared) return lost;
            uint256 share = Math.min(lost, (uint256(facts.base) * MAX_SHARE_BPS) / BPS);
            (, uint256 payable_) = _slash(facts.defendant, facts.taskId, share, SlashReasons.READING_FEE, REWARD_BPS);
            return lost + payable_;
        }
    }
}
