// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./IAccusations.sol";
import {ICourt} from "./ICourt.sol";
import {IRoundsCourt} from "./IRoundsCourt.sol";
import {ITasks} from "./ITasks.sol";

/// @title WindowAccusations: cases about the windows of a contributor
/// @notice Opens cases in the {ICourt} through {IAccusations}, which creates this contract, and to which callers commit
/// before. A window that a seat didn't get is asked for: readers drawn for it say whether the contributor gives it to them. What the seat says must be in its sheet, so only a seat that was drawn to read the
/// window, and said so before anybody knew of a case, can ask.
interface IWindowAccusations {
    /// @notice What a seat said of one update.
    /// @param statement of the seat
    /// @param record of the round
    /// @param index of the update's cohort in the sheets
    /// @param member of the cohort, 0…15
    struct SeatProof {
        IAccusations.Statement statement;
        IAccusations.RoundProof record;
        uint256 index;
        uint256 member;
    }

    /// @notice Another seat of the same committee that had to read the window, and what it said of the same update.
    /// @param validator who had the seat; zero: none, then the caller alone pays the readers
    /// @param statement of that seat
    /// @param index of the update's cohort in its sheets
    struct SecondSeat {
        address validator;
        IAccusations.Statement statement;
        uint256 index;
    }

    /// @notice The entry is about another submission.
    /// @param given index of the submission that the entry is about
    /// @param needed index of the accused submission
    error Accusations_NotItsEntry(uint256 given, uint256 needed);
    /// @notice The account has no seat in that committee.
    /// @param account the account
    /// @param cohort of the committee
    error Accusations_NoSeat(address account, uint32 cohort);
    /// @notice The seat isn't one of the three that read this window, or doesn't say that something of it was withheld.
    /// @param drawn which of the drawn windows, from 0
    /// @param seat of the account
    /// @param entry 32 bits, see ScoreWords
    error Accusations_NothingWithheld(uint256 drawn, uint256 seat, uint256 entry);
    /// @notice The second seat is the caller's own, or of another committee than the caller's.
    /// @param validator who had it
    /// @param attempt of its statement
    error Accusations_NoSecondSeat(address validator, uint8 attempt);
    /// @notice The case isn't about a step.
    /// @param caseId the case
    /// @param kind of the given facts
    error Accusations_NoStepCase(uint256 caseId, ICourt.CaseKind kind);
    /// @notice The seat didn't have to replay this window, or doesn't claim to have replayed all of its windows.
    /// @param drawn which of the drawn windows, from 0
    /// @param seat of the validator
    /// @param entry 32 bits, see ScoreWords
    error Accusations_NoPassClaimed(uint256 drawn, uint256 seat, uint256 entry);
    /// @notice In a task's last round only the first of several drawn windows is surely of that round. Of the others the
    /// chain can't tell any more which round they are of.
    /// @param taskId the task
    /// @param round its last round
    /// @param drawn which of the drawn windows, from 0
    error Accusations_RoundOfWindowUnknown(uint64 taskId, uint32 round, uint256 drawn);
    /// @notice The case isn't about a window that readers found to differ from what was committed to.
    /// @param caseId the case
    /// @param kind of the given facts
    /// @param verdict of the case
    error Accusations_NoMismatch(uint256 caseId, ICourt.CaseKind kind, ICourt.Verdict verdict);
    /// @notice The caller had no seat in that panel of the case.
    /// @param caseId the case
    /// @param instance of the panel
    /// @param place 0…63
    /// @param caller who called
    error Accusations_NotAReader(uint256 caseId, uint256 instance, uint256 place, address caller);
    /// @notice The case is about another window.
    /// @param given window
    /// @param needed window of the case
    error Accusations_OtherWindow(uint32 given, uint32 needed);
    /// @notice The time for accusations after a case is over.
    /// @param caseId the case
    /// @param deadline unix seconds
    error Accusations_TooLate(uint256 caseId, uint256 deadline);

    /// @notice Asks for a drawn window that the caller's seat didn't get, with a bond. Three readers are drawn for it; the
    /// contributor encrypts the evidence to them and announces that before {IJury.deliveryEndOf}. If they get it, the caller
    /// pays them; with a second seat that says the same, the contributor pays half. Each window is asked for once, with or
    /// without a second seat.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param contributor who submitted
    /// @param page of the submission
    /// @param said what the caller's seat said of the update
    /// @param second what another seat said of it
    /// @param drawn which of the drawn windows, from 0
    /// @param salt of the caller's commitment, see {IAccusations.commit}
    /// @return caseId its number
    function requestWindow(
        uint64 taskId,
        uint32 round,
        address contributor,
        IAccusations.PageProof calldata page,
        SeatProof calldata said,
        SecondSeat calldata second,
        uint256 drawn,
        bytes32 salt
    ) external returns (uint256 caseId);

    /// @notice Accuses a contributor of the state at the end of a window that readers found to differ. Any reader of any
    /// panel of that case, also when the round is final, until `appealSeconds` after that case's verdict.
    /// @param readingId the case that the readers sat in
    /// @param reading its facts
    /// @param instance of the reader's panel: 0 for the first one, 1 and 2 for appeals
    /// @param place of the reader, 0…63
    /// @param fields what the commitment hides
    /// @param step the window and its state hashes
    /// @param evidence sha256 of the blob with the window's evidence, encrypted to the jurors
    /// @param salt of the caller's commitment, see {IAccusations.commit}
    /// @return caseId its number
    function accuseReadStep(
        uint256 readingId,
        ICourt.Facts calldata reading,
        uint256 instance,
        uint256 place,
        ICourt.OpeningFields calldata fields,
        IAccusations.StepProof calldata step,
        bytes32 evidence,
        bytes32 salt
    ) external returns (uint256 caseId);

    /// @notice Accuses the seat that had to replay a window, and claims to have replayed all of its windows without a miss, in
    /// an open case about the step at the end of that window. Anyone, without a bond: if the case ends Guilty the seat's claim
    /// was false. It takes part in that case only, and loses nothing otherwise.
    /// @param caseId an open case about a false step
    /// @param facts of the case
    /// @param validator who had the seat
    /// @param page of the submission
    /// @param said what the seat said of the update
    /// @param drawn which of the drawn windows the case is about, from 0
    function accusePass(
        uint256 caseId,
        ICourt.Facts calldata facts,
        address validator,
        IAccusations.PageProof calldata page,
        SeatProof calldata said,
        uint256 drawn
    ) external;

    /// @notice The contracts that it works with.
    /// @return tasks the tasks
    /// @return rounds the rounds
    /// @return accusations created this contract, and knows the court
    function wiring() external view returns (ITasks tasks, IRoundsCourt rounds, IAccusations accusations);
}
