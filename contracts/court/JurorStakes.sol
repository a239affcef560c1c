// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {Penalties} from "../libraries/Penalties.sol";
import {Reservations} from "../libraries/Reservations.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {SlashReasons} from "../libraries/SlashReasons.sol";
import {CourtStorage} from "./CourtStorage.sol";

/// @title The stake of jurors
/// @notice Reserved in the registry under one id of the court, so that it backs nothing else.
abstract contract JurorStakes is CourtStorage {
    /// @notice The id under which the registry reserves the stake of jurors.
    uint64 public constant JURY_ID = Reservations.FIRST_COURT_ID;
    uint256 private constant MIN_KEY_BYTES = 32;
    uint256 private constant MAX_KEY_BYTES = 2_048;

    /// A juror's last faults.
    struct JurorRecord {
        uint40 wrongAt;
        uint40 silentAt;
        uint64 wrongCase;
    }

    mapping(address juror => JurorRecord) private _jurorRecords;

    /// @inheritdoc ICourt
    function joinJury(uint256 amount, bytes calldata encryptionKey) external {
        uint256 length = encryptionKey.length;
        if (length < MIN_KEY_BYTES || length > MAX_KEY_BYTES) {
            revert Court_EncryptionKeyLength(length, MIN_KEY_BYTES, MAX_KEY_BYTES);
        }

        _REGISTRY.reserve(msg.sender, JURY_ID, amount, 0);
        address displaced = _JURY.admit(msg.sender, amount);
        if (displaced != address(0)) _release(displaced);

        emit JurorJoined(msg.sender, amount, encryptionKey);
    }

    /// @inheritdoc ICourt
    function leaveJury() external {
        _JURY.dismiss(msg.sender);
    }

    /// @inheritdoc ICourt
    function releaseJuror(address juror) external {
        _JURY.remove(juror);
        _release(juror);
    }

    function _release(address juror) private {
        _REGISTRY.release(juror, JURY_ID);
    }

    /// @dev Slashes a juror for a wrong value. It leaves the roster; another case within 30 days costs all of its base. Two
    /// panels of one case are one mistake, for each of which it pays.
    function _slashWrong(uint256 caseId, address juror, uint256 weight) internal returns (uint256 penalty) {
        JurorRecord storage record = _jurorRecords[juror];
        uint256 last = record.wrongAt;
        bool isRepeat =
            last != 0 && record.wrongCase != caseId && block.timestamp < last + Penalties.JUROR_REPEAT_SECONDS;
        (record.wrongAt, record.wrongCase) = (uint40(block.timestamp), uint64(caseId));
        uint256 share = isRepeat ? Penalties.BPS : Penalties.WRONG_JUROR_BPS;

        penalty = _slashJuror(juror, weight, share, SlashReasons.WRONG_JUROR);
        _JURY.expel(juror);
    }

    /// @dev Slashes a juror that didn't reveal. It leaves the roster with the second time within 30 days: a place that never
    /// votes makes every quorum harder to reach.
    function _slashSilent(address juror, uint256 weight) internal returns (uint256 penalty) {
        JurorRecord storage record = _jurorRecords[juror];
        uint256 last = record.silentAt;
        record.silentAt = uint40(block.timestamp);

        penalty = _slashJuror(juror, weight, Penalties.SILENT_JUROR_BPS, SlashReasons.SILENT_JUROR);
        if (last != 0 && block.timestamp < last + Penalties.JUROR_REPEAT_SECONDS) _JURY.expel(juror);
    }

    /// @dev Slashes a share of the stake that the juror joined with.
    function _slashJuror(
        address juror,
        uint256 weight,
        uint256 shareBps,
        bytes32 reason
    ) private returns (uint256 penalty) {
        // Stakes are below 2⁹⁶, weights and shares below 2¹⁶.
        unchecked {
            uint256 base = (_JUROR_MIN_STAKE * weight) / Sampling.MIN_WEIGHT;
            penalty = (base * shareBps) / Penalties.BPS;
        }
        _slash(juror, JURY_ID, penalty, reason, 0);
    }
}
