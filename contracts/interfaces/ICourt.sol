// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./IAccusations.sol";
import {IJury} from "./IJury.sol";
import {IRoundsCourt} from "./IRoundsCourt.sol";
import {IStakeRegistry} from "./IStakeRegistry.sol";
import {ITasks} from "./ITasks.sol";

/// @title Court: what is provably false costs stake
/// @notice Anyone with a bond accuses an account of one fault in a round that has closed and isn't final, by
/// {IAccusations}. Facts that the chain can check decide at once or by a deadline; values that no contract can compute are
/// computed again by a panel of the {IJury}. Only then stake is slashed.
///
/// A case has a challenger and a defendant. It ends Guilty, Acquitted (the jury came to the defendant's value, or to
/// none), Dismissed (the jury couldn't get what the challenger had to show), Answered (the defendant posted what it had
/// withheld) Annulled (all jurors took a suspended verdict back) or Unavailable (nobody could get the
/// update that was scored, though the accused said where it is). Ties and silence acquit; where no juror reported anything all bonds go back. Anyone can appeal a panel's
/// verdict to a larger panel, the last one of all jurors.
///
/// Of several challengers who are right about one offence the one that committed to its accusation first gets the reward:
/// who copies an accusation that it sees commits later.
///
/// Safety: each offence is slashed once; penalties are shares of amounts fixed before the case, so that several cases
/// against one stake take the same in every order; challengers get at most 40 % of what is slashed; the ASSAY balance and
/// the registry's reward pot are together at least all bonds and all that is owed. Liveness: every case ends by calls that anyone can make.
interface ICourt {
    /// @notice What a case is about. OpeningWithheld: a contributor keeps back the fields of its commitment. FalseStep: a
    /// contributor's committed state doesn't follow from the one before it. FalseScore: a validator's quality or rarity
    /// isn't what its draws give. FalseAggregate, FalseModel: a hash that validators voted for isn't what the rule gives.
    /// UpdateUnavailable is no case of its own: what a FalseScore case finds if nobody can get the update that was scored.
    /// TwoStatements: a validator signed two values for one slot.
    /// WindowWithheld: a contributor doesn't give a drawn window to those who read it.
    /// PassClaimed is no case of its own: what a validator answers for that is added to a FalseStep case, because it claims to
    /// have replayed that window.
    enum CaseKind {
        None,
        OpeningWithheld,
        FalseStep,
        FalseScore,
        FalseAggregate,
        FalseModel,
        UpdateUnavailable,
        TwoStatements,
        WindowWithheld,
        PassClaimed
    }

    /// @notice How a case ended; None while it is open.
    enum Verdict {
        None,
        Guilty,
        Acquitted,
        Dismissed,
        Answered,
        Annulled,
        Unavailable
    }

    /// @notice The terms of a deployment, for good.
    /// @param guardian may suspend the execution of a verdict once; zero if nobody may
    /// @param minBond least ASSAY wei of a bond, not 0
    /// @param answerRefund ASSAY wei paid for the gas of an answer, at most half of the bond
    /// @param openingSeconds to post a withheld opening
    /// @param appealSeconds to appeal a panel's verdict
    /// @param guardianSeconds from a verdict to its execution
    /// @param suspensionSeconds that the guardian can add, once a case
    struct CourtTerms {
        address guardian;
        uint96 minBond;
        uint96 answerRefund;
        uint32 openingSeconds;
        uint32 appealSeconds;
        uint32 guardianSeconds;
        uint32 suspensionSeconds;
    }

    /// @notice What a case is about, fixed when it opens. The event has it, the chain only its hash: later calls give it
    /// again.
    /// @param kind of the fault
    /// @param taskId the task
    /// @param round of the fault
    /// @param subject the window of a step or of a reading, the cohort of an aggregate, 16 × cohort + member of a score,
    /// else 0
    /// @param challenger who accuses
    /// @param bond ASSAY wei of the challenger
    /// @param defendant who is accused
    /// @param base ASSAY wei of which penalties are shares
    /// @param accused the value said to be false; of an opening and of a window the commitment
    /// @param context what else jurors start from: of a step the hash of the state before it (in window 0 they start from
    /// the round's base model all the same), of a vote the hash of the round's base model, of a reading 1 if a second seat
    /// says that the window was withheld, else 0
    /// @param evidence sha256 of the blob with what jurors need, 0 if there is none
    /// @param committee of a vote the seats of its committee: byte 31 has their number, byte j from the lowest the roster
    /// index of seat j; else 0. Challenger, defendant and committee can't be jurors
    /// @param committedAt block in which the challenger committed to the accusation, see {IAccusations.commit}
    struct Facts {
        CaseKind kind;
        uint64 taskId;
        uint32 round;
        uint32 subject;
        address challenger;
        uint96 bond;
        address defendant;
        uint96 base;
        bytes32 accused;
        bytes32 context;
        bytes32 evidence;
        uint256 committee;
        uint64 committedAt;
    }

    /// @notice Where a case stands.
    /// @param factsHash the first 21 bytes of keccak256(abi.encode(facts)), 0 if the case doesn't exist
    /// @param verdict how it ended, None while it is open
    /// @param isClosed whether bonds are settled
    /// @param wasSuspended whether the guardian has used its right
    /// @param instance 0 for the first panel, 1 and 2 for those of appeals
    /// @param readyAt unix seconds: without a verdict the deadline of an answer, then the earliest execution
    /// @param panelIds of the instances so far, 0 for those that didn't come
    struct Case {
        bytes21 factsHash;
        Verdict verdict;
        bool isClosed;
        bool wasSuspended;
        uint8 instance;
        uint40 readyAt;
        uint32[3] panelIds;
    }

    /// @notice What a closed case left for its jurors.
    /// @param feePerSeat ASSAY wei for each seat that voted as it should
    /// @param report the value that the last panel reported, 0 if it reported none
    struct Closing {
        uint256 feePerSeat;
        bytes32 report;
    }

    /// @notice An appeal.
    /// @param appellant who paid the bond
    /// @param bond ASSAY wei
    /// @param against the verdict that it is about. The bond is lost if that stands in the end, and so does the value that
    /// the panel reported, if it reported one
    /// @param panelId of the panel that it asked for
    struct Appeal {
        address appellant;
        uint96 bond;
        Verdict against;
        uint32 panelId;
    }

    /// @notice A reward for an offence that other cases may be about.
    /// @param amount ASSAY wei, less the fees of the jurors of all cases that were carried out
    /// @param committedAt block of the commitment of the case that has it so far
    /// @param caseId that case
    /// @param until unix seconds from which it is paid
    struct HeldReward {
        uint96 amount;
        uint64 committedAt;
        uint56 caseId;
        uint40 until;
    }

    /// @notice What a commitment hides, see {IRoundsContributors.submit}.
    /// @param baseModelHash that the round trains from
    /// @param updateHash sha256 of the update
    /// @param stateRoot Merkle root of the state hashes
    /// @param steps trained
    /// @param dataRoot that the contributor enrolled with
    /// @param salt of the commitment
    struct OpeningFields {
        bytes32 baseModelHash;
        bytes32 updateHash;
        bytes32 stateRoot;
        uint32 steps;
        bytes32 dataRoot;
        bytes32 salt;
    }

    /// @notice A case was opened.
    /// @param caseId its number, from 1
    /// @param taskId the task
    /// @param defendant who is accused
    /// @param facts what it is about
    event CaseOpened(uint256 indexed caseId, uint64 indexed taskId, address indexed defendant, Facts facts);
    /// @notice A panel was asked for.
    /// @param caseId the case
    /// @param instance 0 for the first one, 1 and 2 for appeals
    /// @param panelId its number in the jury
    event PanelAsked(uint256 indexed caseId, uint256 instance, uint256 panelId);
    /// @notice Another voter for the same false hash, or who claims to have replayed the window of a step, was accused.
    /// @param caseId the case
    /// @param defendant the validator
    event DefendantAdded(uint256 indexed caseId, address indexed defendant);
    /// @notice A verdict was appealed.
    /// @param caseId the case
    /// @param appellant who paid the bond
    /// @param bond ASSAY wei
    event Appealed(uint256 indexed caseId, address indexed appellant, uint256 bond);
    /// @notice A contributor's withheld opening was posted.
    /// @param caseId the case
    /// @param fields what the commitment hides
    event OpeningPosted(uint256 indexed caseId, OpeningFields fields);
    /// @notice A case has its verdict.
    /// @param caseId the case
    /// @param verdict it
    /// @param report the value that the last panel reported, 0 if it reported none or there was none
    /// @param readyAt unix seconds from which a penalty can be taken
    event VerdictReached(uint256 indexed caseId, Verdict verdict, bytes32 report, uint256 readyAt);
    /// @notice The guardian suspended the execution of a verdict.
    /// @param caseId the case
    /// @param readyAt unix seconds from which a penalty can be taken
    event VerdictSuspended(uint256 indexed caseId, uint256 readyAt);
    /// @notice A penalty was taken.
    /// @param caseId the case
    /// @param defendant who was slashed
    /// @param penalty ASSAY wei asked for; 0 if the offence was punished already
    /// @param taken ASSAY wei taken
    /// @param forfeited reward wei of the task that the defendant lost
    event PenaltyTaken(
        uint256 indexed caseId,
        address indexed defendant,
        uint256 penalty,
        uint256 taken,
        uint256 forfeited
    );
    /// @notice A case is closed: bonds are settled.
    /// @param caseId the case
    /// @param reward ASSAY wei for the challenger, besides its bond
    /// @param feePerSeat ASSAY wei for each seat that voted as it should
    /// @param burnt ASSAY wei of lost bonds that nobody gets
    event CaseClosed(uint256 indexed caseId, uint256 reward, uint256 feePerSeat, uint256 burnt);
    /// @notice A juror's seat was settled.
    /// @param caseId the case
    /// @param instance of the panel
    /// @param juror who sat there
    /// @param fee ASSAY wei owed to it
    /// @param penalty ASSAY wei of stake asked for
    event SeatSettled(uint256 indexed caseId, uint256 instance, address indexed juror, uint256 fee, uint256 penalty);
    /// @notice A juror joined.
    /// @param juror its account
    /// @param stake ASSAY wei reserved
    /// @param encryptionKey that evidence is encrypted to
    event JurorJoined(address indexed juror, uint256 stake, bytes encryptionKey);
    /// @notice A reward waits for other cases about the same offence.
    /// @param caseId the case that was carried out first
    /// @param defendant the punished account
    /// @param amount ASSAY wei
    /// @param until unix seconds from which it is paid
    event RewardHeld(uint256 indexed caseId, address indexed defendant, uint256 amount, uint256 until);
    /// @notice A reward that had to wait is owed to a challenger.
    /// @param caseId the case with the earliest commitment
    /// @param defendant the punished account
    /// @param amount ASSAY wei
    event RewardDecided(uint256 indexed caseId, address indexed defendant, uint256 amount);
    /// @notice An account deposited ASSAY for bonds.
    /// @param account who
    /// @param amount ASSAY wei
    event Deposited(address indexed account, uint256 amount);
    /// @notice ASSAY that the court owed was paid.
    /// @param account who received it
    /// @param amount ASSAY wei
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice A deployment parameter is out of bounds.
    /// @param parameter its name
    /// @param value given
    /// @param minimum least
    /// @param maximum most
    error Court_OutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice The address has no code of its own.
    /// @param account the address
    error Court_NotAContract(address account);
    /// @notice A case can take longer than stake is slashable, or than jurors are bound to their places.
    /// @param step which step: "verdict", "execution" or "settlement"
    /// @param longestSeconds it can take
    /// @param allowedSeconds by {ITasks.timing}, or by {IJury.JuryTerms}
    error Court_TooSlow(string step, uint256 longestSeconds, uint256 allowedSeconds);
    /// @notice Only {IAccusations} opens cases.
    /// @param caller who called
    /// @param accusations who may
    error Court_OnlyAccusations(address caller, address accusations);
    /// @notice The fields aren't what the commitment hides.
    /// @param given commitment of what was given
    /// @param stored the commitment
    error Court_WrongOpening(bytes32 given, bytes32 stored);
    /// @notice This challenger has lost a case about the same charge.
    /// @param challenger who accuses
    /// @param charge key of the charge
    error Court_ChallengerBarred(address challenger, bytes32 charge);
    /// @notice The offence was punished, or the charge is decided: answered, or a jury found the value right. Or the
    /// window was asked for.
    /// @param offence key of the offence or of the charge
    error Court_OffenceDecided(bytes32 offence);
    /// @notice The case isn't of a kind that the call is for.
    /// @param caseId given
    /// @param kind of the case
    error Court_WrongKind(uint256 caseId, CaseKind kind);
    /// @notice The case has its verdict.
    /// @param caseId the case
    /// @param verdict it
    error Court_HasVerdict(uint256 caseId, Verdict verdict);
    /// @notice The case has no verdict yet.
    /// @param caseId the case
    error Court_NoVerdict(uint256 caseId);
    /// @notice It is too early for the call.
    /// @param caseId the case
    /// @param readyAt unix seconds from which it is due, 0 if that isn't known yet
    error Court_TooEarly(uint256 caseId, uint256 readyAt);
    /// @notice It is too late for the call.
    /// @param caseId the case
    /// @param deadline unix seconds
    error Court_TooLate(uint256 caseId, uint256 deadline);
    /// @notice The case's last panel has all jurors: nothing is above it.
    /// @param caseId the case
    error Court_LastInstance(uint256 caseId);
    /// @notice The facts aren't those of the case.
    /// @param caseId the case
    /// @param given first 21 bytes of the hash of the facts given
    /// @param stored those on chain, 0 if the case doesn't exist
    error Court_WrongFacts(uint256 caseId, bytes21 given, bytes21 stored);
    /// @notice The case is closed already.
    /// @param caseId the case
    error Court_IsClosed(uint256 caseId);
    /// @notice The case isn't closed yet.
    /// @param caseId the case
    error Court_NotClosed(uint256 caseId);
    /// @notice Only the guardian suspends, and only once.
    /// @param caller who called
    /// @param guardian who may
    error Court_OnlyGuardian(address caller, address guardian);
    /// @notice More than half of all jurors' weight hasn't annulled the verdict.
    /// @param caseId the case
    error Court_NotAnnulled(uint256 caseId);
    /// @notice All jurors have annulled the verdict.
    /// @param caseId the case
    error Court_Annulled(uint256 caseId);
    /// @notice The execution was suspended before.
    /// @param caseId the case
    error Court_SuspendedBefore(uint256 caseId);
    /// @notice The account isn't accused in this case, or its penalty was taken.
    /// @param caseId the case
    /// @param account the account
    error Court_NotADefendant(uint256 caseId, address account);
    /// @notice The account is accused in this case already.
    /// @param caseId the case
    /// @param account the account
    error Court_AlreadyADefendant(uint256 caseId, address account);
    /// @notice The seat doesn't exist, or was settled.
    /// @param caseId the case
    /// @param instance of the panel
    /// @param place 0…63
    error Court_NoSeatToSettle(uint256 caseId, uint256 instance, uint256 place);
    /// @notice The court owes the account nothing.
    /// @param account the account
    error Court_NothingOwed(address account);
    /// @notice The account has deposited ASSAY for bonds, which only itself withdraws.
    /// @param caller who called
    /// @param account the account
    error Court_OnlyDepositor(address caller, address account);
    /// @notice No reward for this account's offence waits for this case: it was paid, or another case has it.
    /// @param caseId the case
    /// @param defendant the account
    error Court_NoReward(uint256 caseId, address defendant);
    /// @notice The length of the encryption key is out of bounds.
    /// @param length bytes given
    /// @param minimum least bytes
    /// @param maximum most bytes
    error Court_EncryptionKeyLength(uint256 length, uint256 minimum, uint256 maximum);

    // ---- opening a case: only {IAccusations}, which has proven what the defendant said

    /// @notice Opens a case: takes the challenger's bond, and keeps the defendant's pay that isn't mature.
    /// @param facts what it is about; the court sets the bond
    /// @param parties accounts that can't be jurors, in this case and in its appeals
    /// @param voter the defendant's roster index in a case about a vote, else 0
    /// @return caseId its number
    function open(Facts calldata facts, address[] calldata parties, uint256 voter) external returns (uint256 caseId);

    /// @notice Adds another voter for the same false hash to an open case, or to one about a step the validator that claims to
    /// have replayed the window.
    /// @param caseId the case
    /// @param facts of the case
    /// @param defendant the validator
    /// @param base ASSAY wei of which its penalty is a share
    /// @param voter its roster index in a case about a vote, else 0
    function addDefendant(
        uint256 caseId,
        Facts calldata facts,
        address defendant,
        uint256 base,
        uint256 voter
    ) external;

    /// @notice Decides a charge that can't be true, for good. A case about it that is open goes on.
    /// @param facts what the charge is about; nothing else of them counts
    function exempt(Facts calldata facts) external;

    // ---- from a case to its end: anyone

    /// @notice Posts what a commitment hides. Anyone who knows it.
    /// @param caseId an open case about a withheld opening
    /// @param facts of the case
    /// @param fields what the commitment hides
    function postOpening(uint256 caseId, Facts calldata facts, OpeningFields calldata fields) external;

    /// @notice Appeals what the last panel's report would mean, with a bond: {appealBond}. Anyone.
    /// @param caseId an open case whose panel ended less than `appealSeconds` ago
    /// @param facts of the case
    function appeal(uint256 caseId, Facts calldata facts) external;

    /// @notice Notes the verdict once the deadline of an answer or of an appeal is over. Anyone.
    /// @param caseId an open case
    /// @param facts of the case
    function conclude(uint256 caseId, Facts calldata facts) external;

    /// @notice Suspends the execution of a verdict once. Only the guardian, before it is due. All jurors can override it while
    /// it waits: {IJury.votePoll}.
    /// @param caseId a case with the verdict Guilty
    /// @param facts of the case
    function suspend(uint256 caseId, Facts calldata facts) external;

    /// @notice Closes a case whose suspended verdict all jurors have annulled: it ends Annulled, nobody loses a bond, no
    /// juror was wrong, and the charge is decided for good. Anyone.
    /// @param caseId a case with the verdict Guilty
    /// @param facts of the case
    function annul(uint256 caseId, Facts calldata facts) external;

    /// @notice Takes the penalty of the first defendant and settles bonds and fees. Rolls back a false model if more than
    /// half of the root committee were accused of it: then the round has adopted it. Anyone.
    /// @param caseId a case with the verdict Guilty that is due, or that all jurors want to be carried out at once
    /// @param facts of the case
    function execute(uint256 caseId, Facts calldata facts) external;

    /// @notice Takes the penalty of another defendant, or lets it go if the verdict isn't Guilty. Anyone.
    /// @param caseId a closed case
    /// @param facts of the case
    /// @param defendant who was added to it
    function executeFor(uint256 caseId, Facts calldata facts, address defendant) external;

    /// @notice Pays a juror's fee, or slashes it: 2 % of the stake that it joined with if it was silent, 30 % if it
    /// reported another value than the last panel, all of it if that is a repeat. Who couldn't compute, or found no
    /// evidence where the last panel found it, is neither paid nor slashed. Anyone.
    /// @param caseId a closed case
    /// @param instance of the panel
    /// @param place of the juror, 0…63
    function settleSeat(uint256 caseId, uint256 instance, uint256 place) external;

    /// @notice Pays the reward for an offence that several cases were open about, to the challenger that committed first of
    /// those who were right. Anyone, once no case that was open at the punishment can still end.
    /// @param caseId the case with the earliest commitment that was carried out
    /// @param facts of the case
    /// @param defendant the punished account
    function payReward(uint256 caseId, Facts calldata facts, address defendant) external;

    // ---- money

    /// @notice Adds ASSAY to what the court owes the caller. Bonds are drawn from there first, which costs less gas than a
    /// transfer each. From then on only the caller withdraws it.
    /// @param amount ASSAY wei that the court is approved for
    function deposit(uint256 amount) external;

    /// @notice Pays what the court owes an account. Anyone, unless the account has deposited there: then only itself.
    /// @param account who receives it
    /// @return amount ASSAY wei
    function withdraw(address account) external returns (uint256 amount);

    // ---- jurors

    /// @notice Reserves stake and takes a place in the jury's roster, see {IJury.admit}.
    /// @param amount ASSAY wei to reserve
    /// @param encryptionKey 32…2,048 bytes that evidence is encrypted to
    function joinJury(uint256 amount, bytes calldata encryptionKey) external;

    /// @notice Gives up the caller's place, see {IJury.dismiss}.
    function leaveJury() external;

    /// @notice Releases the stake of a juror that left and can't sit any more. Anyone.
    /// @param juror its account
    function releaseJuror(address juror) external;

    // ---- views

    /// @notice Where a case stands.
    /// @param caseId given
    /// @return the case; its hash is zero if it doesn't exist
    function caseOf(uint256 caseId) external view returns (Case memory);

    /// @notice What a closed case left for its jurors.
    /// @param caseId the case
    /// @return fee and report
    function closingOf(uint256 caseId) external view returns (Closing memory);

    /// @notice The appeal against an instance.
    /// @param caseId the case
    /// @param instance that was appealed against
    /// @return the appeal; its appellant is zero if there was none
    function appealOf(uint256 caseId, uint256 instance) external view returns (Appeal memory);

    /// @notice The base of the penalty of a defendant that was added to a case. The first defendant's is in the facts.
    /// @param caseId the case
    /// @param defendant the account
    /// @return ASSAY wei, 0 if it wasn't added to this case, or that ended
    function baseOf(uint256 caseId, address defendant) external view returns (uint256);

    /// @notice The bond of an appeal.
    /// @param bond of the case, in ASSAY wei
    /// @param instance that is appealed against
    /// @return ASSAY wei
    function appealBond(uint256 bond, uint256 instance) external view returns (uint256);

    /// @notice A reward that waits for other cases about the same offence.
    /// @param kind of the offence
    /// @param taskId the task
    /// @param round of the offence
    /// @param defendant the punished account
    /// @return the reward; its amount is zero if none waits
    function heldRewardOf(
        CaseKind kind,
        uint64 taskId,
        uint32 round,
        address defendant
    ) external view returns (HeldReward memory);

    /// @notice What the court owes an account, deposits included.
    /// @param account any
    /// @return ASSAY wei
    function owedTo(address account) external view returns (uint256);

    /// @notice Number of cases so far, also the number of the last one.
    /// @return from 0
    function caseCount() external view returns (uint256);

    /// @notice The terms of the deployment.
    /// @return as given
    function terms() external view returns (CourtTerms memory);

    /// @notice The contracts that the court works with.
    /// @return tasks the tasks
    /// @return registry the registry of stakes
    /// @return rounds the rounds
    /// @return jury the jury
    /// @return accusations opens cases
    function wiring()
        external
        view
        returns (ITasks tasks, IStakeRegistry registry, IRoundsCourt rounds, IJury jury, IAccusations accusations);

    /// @notice The longest time from the opening of a case to the last verdict that can follow from it, if panels are drawn
    /// in time: that of a window's readers with all appeals, then that of a step case of one of them.
    /// @return seconds
    function verdictSeconds() external view returns (uint256);

    /// @notice The longest time from a verdict to its execution.
    /// @return seconds
    function executionSeconds() external view returns (uint256);
}
