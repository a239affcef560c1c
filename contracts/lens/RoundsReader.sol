// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlotReader} from "../interfaces/ISlotReader.sol";
import {StorageKeys} from "../rounds/StorageKeys.sol";
import {ClosingTimesWord} from "../types/ClosingTimesWord.sol";
import {CohortWord} from "../types/CohortWord.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {HeldWord} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {PoolWord} from "../types/PoolWord.sol";
import {PurseWord} from "../types/PurseWord.sol";
import {RosterWordLibrary} from "../types/RosterWord.sol";
import {RoundStartWord} from "../types/RoundStartWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaggedHash} from "../types/TaggedHash.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {ValidationTermsWord} from "../types/ValidationTermsWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {RoundsSlots} from "./RoundsSlots.sol";

/// @title Typed access to the storage of Rounds, for other contracts
/// @notice `using RoundsReader for ISlotReader` gives a contract typed access to the words of Rounds. Each function
/// makes one call.
library RoundsReader {
    // ---- a task

    /// @notice The terms of a task for its rounds: phase lengths and sizes.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word, zero for a task that doesn't exist
    function termsOf(ISlotReader self, uint64 taskId) internal view returns (RoundTermsWord) {
        return RoundTermsWord.wrap(uint256(_ofTask(self, RoundsSlots.ROUND_TERMS, taskId)));
    }

    /// @notice The terms of a task that validators' pay and weights depend on.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word, zero for a task that doesn't exist
    function validationTermsOf(ISlotReader self, uint64 taskId) internal view returns (ValidationTermsWord) {
        return ValidationTermsWord.wrap(uint256(_ofTask(self, RoundsSlots.VALIDATION_TERMS, taskId)));
    }

    /// @notice A task's totals.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word
    function totalsOf(ISlotReader self, uint64 taskId) internal view returns (TaskTotalsWord) {
        return TaskTotalsWord.wrap(uint256(_ofTask(self, RoundsSlots.TOTALS, taskId)));
    }

    /// @notice The purse that claims of a task are paid from.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word
    function purseOf(ISlotReader self, uint64 taskId) internal view returns (PurseWord) {
        return PurseWord.wrap(uint256(_ofTask(self, RoundsSlots.PURSES, taskId)));
    }

    /// @notice Which pool is the current one, and whether another is announced.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word, zero for a task that doesn't exist
    function poolOf(ISlotReader self, uint64 taskId) internal view returns (PoolWord) {
        return PoolWord.wrap(uint256(_ofTask(self, RoundsSlots.POOLS, taskId)));
    }

    /// @notice The root of a pool.
    /// @param self Rounds
    /// @param taskId the task
    /// @param key of the current or the announced pool, by {poolOf}
    /// @return its Merkle root
    function poolRootOf(ISlotReader self, uint64 taskId, uint256 key) internal view returns (bytes32) {
        return _ofKey(self, RoundsSlots.POOL_ROOTS, taskId, key);
    }

    /// @notice Forfeited pay that the escrow hasn't got back yet.
    /// @param self Rounds
    /// @param taskId the task
    /// @return reward wei
    function forfeitedOf(ISlotReader self, uint64 taskId) internal view returns (uint256) {
        return uint256(_ofTask(self, RoundsSlots.FORFEITED, taskId));
    }

    // ---- a round

    /// @notice The model that a verdict chose while the current round was open.
    /// @param self Rounds
    /// @param taskId the task
    /// @return its hash, 0 for none
    function rollBackOf(ISlotReader self, uint64 taskId) internal view returns (bytes32) {
        return _ofTask(self, RoundsSlots.ROLL_BACKS, taskId);
    }

    /// @notice The current or last round.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word, zero before the first round
    function roundOf(ISlotReader self, uint64 taskId) internal view returns (RoundWord) {
        return RoundWord.wrap(uint256(_ofTask(self, RoundsSlots.ROUNDS, taskId)));
    }

    /// @notice What the current or last round recorded at its start.
    /// @param self Rounds
    /// @param taskId the task
    /// @return a word
    function startOf(ISlotReader self, uint64 taskId) internal view returns (RoundStartWord) {
        return RoundStartWord.wrap(uint256(_ofTask(self, RoundsSlots.STARTS, taskId)));
    }

    /// @notice The model that the current round trains from; while Idle, that of the next round.
    /// @param self Rounds
    /// @param taskId the task
    /// @return its hash
    function baseModelOf(ISlotReader self, uint64 taskId) internal view returns (bytes32) {
        return _ofTask(self, RoundsSlots.BASE_MODELS, taskId);
    }

    /// @notice The beacon of the last sealed round before the current one.
    /// @param self Rounds
    /// @param taskId the task
    /// @return 32 random bytes, 0 if there is none
    function previousBeaconOf(ISlotReader self, uint64 taskId) internal view returns (bytes32) {
        return _ofTask(self, RoundsSlots.PREVIOUS_BEACONS, taskId);
    }

    /// @notice A round's beacon, while the ring holds it.
    /// @param self Rounds
    /// @param taskId the task
    /// @param round from 1, one of the last eight
    /// @return 32 random bytes; those of an earlier round if this one was never sealed
    function beaconOf(ISlotReader self, uint64 taskId, uint256 round) internal view returns (bytes32) {
        return _ofKey(self, RoundsSlots.BEACONS, taskId, StorageKeys.beacon(round));
    }

    /// @notice When a round closed, while the ring holds it.
    /// @param self Rounds
    /// @param taskId the task
    /// @param round from 1, one of the last eight
    /// @return unix seconds
    function closedAt(ISlotReader self, uint64 taskId, uint256 round) internal view returns (uint64) {
        bytes32 times = _ofKey(self, RoundsSlots.CLOSINGS, taskId, StorageKeys.closing(round));
        return uint64(ClosingTimesWord.wrap(uint256(times)).timeOf(round));
    }

    /// @notice A cohort's latest committee, maybe of an earlier round.
    /// @param self Rounds
    /// @param taskId the task
    /// @param cohort from 0, or type(uint32).max for the root
    /// @return a word
    function cohortOf(ISlotReader self, uint64 taskId, uint32 cohort) internal view returns (CohortWord) {
        return CohortWord.wrap(uint256(_ofKey(self, RoundsSlots.COHORTS, taskId, cohort)));
    }

    /// @notice A seat's vote for its cohort's aggregate, tagged with its round.
    /// @param self Rounds
    /// @param taskId the task
    /// @param cohort from 0
    /// @param seat from 0
    /// @return a word
    function voteOf(ISlotReader self, uint64 taskId, uint32 cohort, uint256 seat) internal view returns (TaggedHash) {
        return TaggedHash.wrap(uint256(_ofKey(self, RoundsSlots.VOTES, taskId, StorageKeys.vote(cohort, seat))));
    }

    /// @notice A root seat's vote for the next model. Valid if the seat has voted by the root's word.
    /// @param self Rounds
    /// @param taskId the task
    /// @param seat from 0
    /// @return a model's hash
    function modelVoteOf(ISlotReader self, uint64 taskId, uint256 seat) internal view returns (bytes32) {
        return _ofKey(self, RoundsSlots.MODEL_VOTES, taskId, seat);
    }

    /// @notice The digest of a page of submissions.
    /// @param self Rounds
    /// @param taskId the task
    /// @param round from 1, one of the last eight
    /// @param page 0…255
    /// @return a digest; that of an earlier round if this one has no such page
    function pageOf(ISlotReader self, uint64 taskId, uint256 round, uint256 page) internal view returns (bytes32) {
        return _ofKey(self, RoundsSlots.PAGES, taskId, StorageKeys.page(round, page));
    }

    /// @notice A validator's commitment to its sheets, tagged with its round.
    /// @param self Rounds
    /// @param taskId the task
    /// @param round from 1, one of the last eight
    /// @param attempt 0, or 1 in the redraw
    /// @param validator who committed
    /// @return a word
    function sheetOf(
        ISlotReader self,
        uint64 taskId,
        uint256 round,
        uint256 attempt,
        address validator
    ) internal view returns (TaggedHash) {
        bytes32 slot = RoundsSlots.ofSheet(taskId, validator, StorageKeys.sheet(round, attempt));
        return TaggedHash.wrap(uint256(_read(self, slot)));
    }

    // ---- people

    /// @notice What a task records of a contributor.
    /// @param self Rounds
    /// @param taskId the task
    /// @param contributor any account
    /// @return a word
    function participantOf(
        ISlotReader self,
        uint64 taskId,
        address contributor
    ) internal view returns (ParticipantWord) {
        return ParticipantWord.wrap(_ofAccount(self, RoundsSlots.PARTICIPANTS, taskId, contributor));
    }

    /// @notice What a task records of a validator.
    /// @param self Rounds
    /// @param taskId the task
    /// @param validator any account
    /// @return a word
    function validatorOf(ISlotReader self, uint64 taskId, address validator) internal view returns (ValidatorWord) {
        return ValidatorWord.wrap(_ofAccount(self, RoundsSlots.VALIDATORS, taskId, validator));
    }

    /// @notice Unclaimed earnings of an account.
    /// @param self Rounds
    /// @param taskId the task
    /// @param account contributor or validator
    /// @return a word as of its own epoch; {EarningsWordLibrary.rolled} moves it on
    function earningsOf(ISlotReader self, uint64 taskId, address account) internal view returns (EarningsWord) {
        return EarningsWord.wrap(_ofAccount(self, RoundsSlots.EARNINGS, taskId, account));
    }

    /// @notice Earnings that open cases keep from an account.
    /// @param self Rounds
    /// @param taskId the task
    /// @param account contributor or validator
    /// @return a word as of its own epoch
    function seizedOf(ISlotReader self, uint64 taskId, address account) internal view returns (EarningsWord) {
        return EarningsWord.wrap(_ofAccount(self, RoundsSlots.SEIZED, taskId, account));
    }

    /// @notice Held pay of a contributor.
    /// @param self Rounds
    /// @param taskId the task
    /// @param contributor whose pay it is
    /// @return a word
    function heldOf(ISlotReader self, uint64 taskId, address contributor) internal view returns (HeldWord) {
        return HeldWord.wrap(_ofAccount(self, RoundsSlots.HELD, taskId, contributor));
    }

    /// @notice The bid of a validator that joined and has no place.
    /// @param self Rounds
    /// @param taskId the task
    /// @param validator any account
    /// @return a word, zero without such a bid
    function joinedOf(ISlotReader self, uint64 taskId, address validator) internal view returns (PlaceWord) {
        return PlaceWord.wrap(_ofAccount(self, RoundsSlots.JOINED, taskId, validator));
    }

    /// @notice When a contributor enrolled last.
    /// @param self Rounds
    /// @param taskId the task
    /// @param contributor any account
    /// @return unix seconds, 0 for an account that never enrolled
    function enrolledAtOf(ISlotReader self, uint64 taskId, address contributor) internal view returns (uint256) {
        return _ofAccount(self, RoundsSlots.ENROLLED_AT, taskId, contributor);
    }

    // ---- rosters

    /// @notice The frozen weights, packed as in {WeightLanes}.
    /// @param self Rounds
    /// @param taskId the task
    /// @return lanes of 16 bits
    function frozenWeightsOf(ISlotReader self, uint64 taskId) internal view returns (uint256[4] memory lanes) {
        bytes32[] memory slots = new bytes32[](4);
        uint256 first = uint256(RoundsSlots.ofTask(RoundsSlots.FROZEN_WEIGHTS, taskId));
        for (uint256 i = 0; i < 4; ++i) slots[i] = bytes32(first + i);
        (, bytes32[] memory values) = self.readSlots(slots);
        for (uint256 i = 0; i < 4; ++i) lanes[i] = uint256(values[i]);
    }

    /// @notice The frozen roster.
    /// @param self Rounds
    /// @param taskId the task
    /// @param count of indices, from 0 on
    /// @return validators by roster index; a free place is the zero address
    function frozenRosterOf(
        ISlotReader self,
        uint64 taskId,
        uint256 count
    ) internal view returns (address[] memory validators) {
        bytes32[] memory slots = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) slots[i] = RoundsSlots.ofKey(RoundsSlots.FROZEN_ROSTER, taskId, i);
        (, bytes32[] memory values) = self.readSlots(slots);
        validators = new address[](count);
        for (uint256 i = 0; i < count; ++i) validators[i] = address(uint160(uint256(values[i])));
    }

    /// @notice A bid for a place in the next roster.
    /// @param self Rounds
    /// @param taskId the task
    /// @param index 0…63, or 64…79 for a candidate
    /// @return a word, zero for a free place
    function nextPlaceOf(ISlotReader self, uint64 taskId, uint256 index) internal view returns (PlaceWord) {
        return PlaceWord.wrap(uint256(_ofKey(self, RoundsSlots.NEXT_ROSTER, taskId, index)));
    }

    /// @notice All bids that have a place in the next roster or wait for one, in one call.
    /// @param self Rounds
    /// @param taskId the task
    /// @return places 80, by index: 64 of the roster, 16 of candidates; a zero word for a free one
    function nextPlacesOf(ISlotReader self, uint64 taskId) internal view returns (PlaceWord[] memory places) {
        uint256 count = RosterWordLibrary.PLACES + RosterWordLibrary.CANDIDATES;
        bytes32[] memory slots = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) slots[i] = RoundsSlots.ofKey(RoundsSlots.NEXT_ROSTER, taskId, i);
        (, bytes32[] memory values) = self.readSlots(slots);
        places = new PlaceWord[](count);
        for (uint256 i = 0; i < count; ++i) places[i] = PlaceWord.wrap(uint256(values[i]));
    }

    // ---- reading

    function _ofTask(ISlotReader self, uint256 variable, uint64 taskId) private view returns (bytes32) {
        return _read(self, RoundsSlots.ofTask(variable, taskId));
    }

    function _ofAccount(
        ISlotReader self,
        uint256 variable,
        uint64 taskId,
        address account
    ) private view returns (uint256) {
        return uint256(_read(self, RoundsSlots.ofAccount(variable, taskId, account)));
    }

    function _ofKey(ISlotReader self, uint256 variable, uint64 taskId, uint256 key) private view returns (bytes32) {
        return _read(self, RoundsSlots.ofKey(variable, taskId, key));
    }

    function _read(ISlotReader self, bytes32 slot) private view returns (bytes32) {
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = slot;
        (, bytes32[] memory values) = self.readSlots(slots);
        return values[0];
    }
}
