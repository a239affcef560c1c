// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Penalties} from "../libraries/Penalties.sol";
import {CourtStorage} from "./CourtStorage.sol";

/// @title Punished offences, and what one more adds
/// @notice An account commits one offence of a kind in a round. The rounds of an account's punished offences of a kind are
/// bits of one word, so that a repeat is found by reading one or two.
abstract contract Offences is CourtStorage {
    /// Rounds of a {Punished} word.
    uint256 private constant SPAN = 160;
    /// Rounds around an offence that decide about repeats: seven before it, itself, seven after it.
    uint256 private constant AROUND = Penalties.REPEAT_ROUNDS - 1;

    /// Offences of a kind of an account in 160 rounds. `base` is that of the first one; others have their own only if it
    /// differs.
    struct Punished {
        uint96 base;
        uint160 rounds;
    }

    mapping(bytes32 key => Punished) private _punished;
    mapping(bytes32 offence => uint256 base) private _otherBases;

    /// @dev The key of an offence.
    function _offenceOf(
        CaseKind kind,
        uint64 taskId,
        uint256 round,
        address defendant
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(kind, taskId, round, defendant));
    }

    function _wordOf(
        CaseKind kind,
        uint64 taskId,
        uint256 span,
        address defendant
    ) private view returns (Punished storage) {
        return _punished[keccak256(abi.encode(kind, taskId, defendant, span))];
    }

    function _isPunished(CaseKind kind, uint64 taskId, uint256 round, address defendant) internal view returns (bool) {
        return (_wordOf(kind, taskId, round / SPAN, defendant).rounds >> (round % SPAN)) & 1 == 1;
    }

    /// @dev Reverts if the offence was punished.
    function _requireUnpunished(CaseKind kind, uint64 taskId, uint256 round, address defendant) internal view {
        if (_isPunished(kind, taskId, round, defendant)) {
            _refuseAsDecided(_offenceOf(kind, taskId, round, defendant));
        }
    }

    /// @dev Reverts with the key of an offence or of a charge.
    function _refuseAsDecided(bytes32 key) internal pure {
        revert Court_OffenceDecided(key);
    }

    /// @dev Notes an offence as punished.
    function _notePunished(Facts memory facts, address defendant, uint256 base) internal {
        Punished storage word = _wordOf(facts.kind, facts.taskId, facts.round / SPAN, defendant);
        (uint256 first, uint256 rounds) = (word.base, word.rounds);
        if (rounds == 0) first = base;
        else if (first != base) {
            _otherBases[_offenceOf(facts.kind, facts.taskId, facts.round, defendant)] = base;
        }
        (word.base, word.rounds) = (uint96(first), uint160(rounds | (1 << (facts.round % SPAN))));
    }

    /// @dev What one more offence adds to an account's penalties: its own, and what it adds to those of later offences that it
    /// comes before. So the sum is the same in whatever order offences are punished.
    function _penaltyFor(Facts memory facts, address defendant, uint256 base) internal view returns (uint256 penalty) {
        uint256 around = _punishedAround(facts, defendant) | (1 << AROUND);
        // Fifteen rounds; a later offence costs at least as much as before, since it has one more before it.
        unchecked {
            for (uint256 i = 0; i <= AROUND; ++i) {
                if ((around >> (AROUND + i)) & 1 == 0) continue;
                uint256 before = 0;
                for (uint256 left = (around >> i) & ((1 << AROUND) - 1); left != 0; left &= left - 1) ++before;
                uint256 itsBase = i == 0 ? base : _baseAt(facts, defendant, facts.round + i);
                penalty += Penalties.amountOf(facts.kind, itsBase, before);
                if (i != 0) penalty -= Penalties.amountOf(facts.kind, itsBase, before - 1);
            }
        }
    }

    /// @dev Bit i: the offence i - 7 rounds after that of a case was punished.
    function _punishedAround(Facts memory facts, address defendant) private view returns (uint256 around) {
        (uint256 span, uint256 place) = (facts.round / SPAN, facts.round % SPAN);
        uint256 own = _wordOf(facts.kind, facts.taskId, span, defendant).rounds;
        if (place >= AROUND) around = own >> (place - AROUND);
        else {
            around = own << (AROUND - place);
            if (span != 0) {
                uint256 earlier = _wordOf(facts.kind, facts.taskId, span - 1, defendant).rounds;
                around |= earlier >> (SPAN - (AROUND - place));
            }
        }
        if (place + AROUND >= SPAN) {
            uint256 later = _wordOf(facts.kind, facts.taskId, span + 1, defendant).rounds;
            around |= later << (SPAN - (place - AROUND));
        }
    }

    /// @dev The base of a punished offence.
    function _baseAt(Facts memory facts, address defendant, uint256 round) private view returns (uint256 base) {
        base = _otherBases[_offenceOf(facts.kind, facts.taskId, round, defendant)];
        if (base == 0) base = _wordOf(facts.kind, facts.taskId, round / SPAN, defendant).base;
    }
}
