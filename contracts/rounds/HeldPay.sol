// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HeldWord, HeldWordLibrary} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {Committees} from "./Committees.sol";

/// @title Pay that waits for a passed audit
/// @notice An unaudited update is paid by the running scores, and that pay is held, with the set of the rounds that it
/// is of. The next passed audit releases it, a failed audit cancels it. {HeldRelease} has what happens without one.
abstract contract HeldPay is Committees {
    /// @dev Holds `amount` more reward wei of a round and sets the contributor's mark for held pay.
    function _hold(
        uint64 taskId,
        uint32 round,
        address contributor,
        ParticipantWord participant,
        uint256 amount
    ) internal returns (ParticipantWord) {
        if (amount == 0) return participant;

        mapping(address contributor => HeldWord) storage held = _held[taskId];
        HeldWord before = participant.hasHeld() ? held[contributor] : HeldWordLibrary.empty(round);
        held[contributor] = before.withMore(amount, round);
        return participant.withHeld(true);
    }

    /// @dev Ends the hold: `released` reward wei of the held `amount` are released, the rest is cancelled. The caller
    /// credits what is released and clears the contributor's mark.
    function _endHold(uint64 taskId, uint32 round, address contributor, uint256 amount, uint256 released) internal {
        _held[taskId][contributor] = HeldWordLibrary.empty(round);

        if (released != 0) emit HeldReleased(taskId, round, contributor, released);
        if (released != amount) emit HeldCancelled(taskId, round, contributor, amount - released);
    }

    /// @dev What the audit of a task's last round releases of `amount` held reward wei. It draws among the windows of
    /// all held rounds and of its own: of W = `windows`, those with a number that is a multiple of the number of rounds
    /// are its own, the other O are of held rounds. Of `asked` windows that the seats of the verdict had, some were
    /// `withheld`. The released share is 1 − withheld · W / (asked · O), not below 0: whoever did not train a share of the
    /// held rounds loses that share of the pay on average, however many seats are silent. With W of at most 6 that is
    /// never more than {Reputation.keptBps}.
    function _provenPart(
        HeldWord held,
        uint256 amount,
        uint256 windows,
        uint256 asked,
        uint256 withheld
    ) internal pure returns (uint256) {
        // Windows, rounds and seats are few; an amount has 80 bits.
        unchecked {
            uint256 rounds = held.roundCount() + 1;
            uint256 ofHeldRounds = windows - (windows + rounds - 1) / rounds;
            // With one window there is no choice: it may be of any of the rounds.
            uint256 whole = asked * (ofHeldRounds == 0 ? windows : ofHeldRounds);
            uint256 lost = withheld * windows;
            return lost < whole ? (amount * (whole - lost)) / whole : 0;
        }
    }
}
