// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Tasks: what is trained, what it pays, and the escrow that pays it
/// @notice A task names its package by hash, its reward token, prices and limits, all fixed at creation. Contributors enrol,
/// validators join. Opening a round reserves the largest amount that it can cost.
///
/// Safety: funded = paid + refunded + remaining, to the wei; nothing leaves the escrow but matured earnings and refunds of
/// what is not reserved. Liveness: the owner can always close; a round that is open can always be paid.
interface ITasks {
    /// @notice What a task is created with. A value outside of its bounds is refused with `Tasks_OutOfBounds`.
    /// @param specHash sha256 of the canonical task.json, not zero
    /// @param initialModelHash sha256 of the serialized initial state, not zero
    /// @param rewardToken ERC-20 that pays; it must transfer exactly what it says
    /// @param priceCompute reward wei per compute unit
    /// @param priceData reward wei per data unit
    /// @param priceValidation reward wei per accurate entry
    /// @param computeUnitsPerRound C: assigned steps × units per step, at least 1
    /// @param dataUnitsLimit cap of D, 1…2²⁴
    /// @param stepsPerRound assigned steps, 1…1,000,000; every commitment must name them
    /// @param windowsPerRound replayable windows of a round (stepsPerRound / commitEvery), at least `replayWindows`; a divisor of
    /// `stepsPerRound`
    /// @param replayWindows windows drawn per audited update, 1…6
    /// @param slots most submissions of a round, 1…2,048
    /// @param committeeSize k seats a cohort, 3…15
    /// @param minContributors enrolled contributors needed to open a round, 1…2,048
    /// @param maxRounds rounds that the task pays for, 1…1,000,000
    /// @param submitSeconds length of the submit phase, at least 1 second like the four after it
    /// @param openSeconds from the seal to the end of the open phase
    /// @param commitSeconds for commits, once more in a redraw
    /// @param revealSeconds for reveals, once more in a redraw
    /// @param aggregateSeconds for votes on aggregates, and once more for those on the next model; submit + open + 2 × (commit + reveal +
    /// aggregate) is at least 8 seconds and at most the deployment's limit
    /// @param challengeSeconds from a round's end until it is final: at least 1, at most 4 × (submit + open + commit + reveal), 7 × submit
    /// and the deployment's limit
    /// @param earlyBonusBps ε of round 1, 10,000…20,000
    /// @param earlyBonusRounds rounds over which ε falls to 1, may be 0
    /// @param enrolmentFee ASSAY wei taken and burnt at enrolment, 0.001…10⁹ ASSAY
    /// @param contributorStake ASSAY wei reserved of each contributor, 1…10⁹ ASSAY
    /// @param minValidatorStake ASSAY wei reserved at least of each validator, 1…10⁹ ASSAY
    struct TaskParams {
        bytes32 specHash;
        bytes32 initialModelHash;
        address rewardToken;
        uint96 priceCompute;
        uint96 priceData;
        uint96 priceValidation;
        uint32 computeUnitsPerRound;
        uint32 dataUnitsLimit;
        uint32 stepsPerRound;
        uint16 windowsPerRound;
        uint8 replayWindows;
        uint16 slots;
        uint8 committeeSize;
        uint16 minContributors;
        uint32 maxRounds;
        uint32 submitSeconds;
        uint32 openSeconds;
        uint32 commitSeconds;
        uint32 revealSeconds;
        uint32 aggregateSeconds;
        uint32 challengeSeconds;
        uint16 earlyBonusBps;
        uint16 earlyBonusRounds;
        uint96 enrolmentFee;
        uint96 contributorStake;
        uint96 minValidatorStake;
    }

    /// @notice Limits fixed at deployment, from which the longest life of a case follows. All in seconds.
    /// @param maxRoundSeconds longest round of any task: submit + open + 2 commit + 2 reveal + 2 aggregate
    /// @param maxChallengeSeconds longest challenge window of any task
    /// @param verdictSeconds longest way from a challenge to its verdict
    /// @param executionSeconds longest way from a verdict to its slash
    /// @param marginSeconds for whatever nobody thought of
    struct Timing {
        uint32 maxRoundSeconds;
        uint32 maxChallengeSeconds;
        uint32 verdictSeconds;
        uint32 executionSeconds;
        uint32 marginSeconds;
    }

    /// @notice What an address is to a task: at most one thing.
    enum Role {
        None,
        Contributor,
        Validator
    }

    /// @notice The books of a task, in reward-token wei.
    /// @param available neither reserved nor owed
    /// @param reserved held for open rounds, and for pay that is owed or waits for an audit and that Rounds has not collected
    /// @param funded ever paid in
    /// @param refunded ever given back to the owner
    struct Funds {
        uint256 available;
        uint256 reserved;
        uint256 funded;
        uint256 refunded;
    }

    /// @notice The contract that runs the rounds is named, for ever.
    /// @param rounds the contract
    event Connected(address indexed rounds);
    /// @notice A task exists.
    /// @param taskId its number, from 1
    /// @param owner who created it
    /// @param specHash repeated from `params` for readers that don't decode them
    /// @param params all it was created with
    event TaskCreated(uint64 indexed taskId, address indexed owner, bytes32 specHash, TaskParams params);
    /// @notice Money came into the escrow.
    /// @param taskId the task
    /// @param from who paid
    /// @param amount reward wei
    event TaskFunded(uint64 indexed taskId, address indexed from, uint256 amount);
    /// @notice No further round opens.
    /// @param taskId the task
    event TaskClosed(uint64 indexed taskId);
    /// @notice Money went back to the owner.
    /// @param taskId the task
    /// @param owner who got it
    /// @param amount reward wei
    event TaskRefunded(uint64 indexed taskId, address indexed owner, uint256 amount);
    /// @notice A contributor takes part.
    /// @param taskId the task
    /// @param contributor who enrolled
    /// @param dataRoot Merkle root of its salted samples
    /// @param dataUnits samples under the root; they count up to the task's limit
    event Enrolled(uint64 indexed taskId, address indexed contributor, bytes32 dataRoot, uint32 dataUnits);
    /// @notice An account has no role in the task any more and its stake is free again.
    /// @param taskId the task
    /// @param account who left
    /// @param role it had
    /// @param released ASSAY wei that were still reserved
    event Left(uint64 indexed taskId, address indexed account, Role role, uint256 released);
    /// @notice A validator has a place in the draw from the next round on.
    /// @param taskId the task
    /// @param validator who joined
    /// @param amount ASSAY wei reserved
    /// @param encryptionKey evidence is sealed to it
    event ValidatorJoined(uint64 indexed taskId, address indexed validator, uint256 amount, bytes encryptionKey);
    /// @notice A validator leaves the draw, by choice or outbid.
    /// @param taskId the task
    /// @param validator who is in no draw from the next round on
    event ValidatorLeaving(uint64 indexed taskId, address indexed validator);
    /// @notice Money is held for the round that opens.
    /// @param taskId the task
    /// @param amount reward wei
    event RoundReserved(uint64 indexed taskId, uint256 amount);
    /// @notice Money turned out not to be owed.
    /// @param taskId the task
    /// @param amount reward wei that are available again
    event RoundReleased(uint64 indexed taskId, uint256 amount);

    /// @notice Only the account that deployed this contract connects it.
    /// @param caller who called
    /// @param deployer who may
    error Tasks_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already and stays so.
    /// @param rounds as connected
    error Tasks_AlreadyConnected(address rounds);
    /// @notice The deployment isn't finished: `connect` comes before the first task.
    error Tasks_NotConnected();
    /// @notice The address has no code of its own (a wallet that delegates to code counts as a wallet).
    /// @param account the address
    error Tasks_NotAContract(address account);
    /// @notice Stake could leave before a slash for its fault: unbonding must exceed the longest case.
    /// @param unbondingSeconds the registry's, in seconds
    /// @param longestCaseSeconds round + challenge + verdict + execution + margin, in seconds
    error Tasks_UnbondingTooShort(uint256 unbondingSeconds, uint256 longestCaseSeconds);
    /// @notice Only the connected Rounds moves what is reserved.
    /// @param caller who called
    /// @param rounds who may; zero before `connect`
    error Tasks_OnlyRounds(address caller, address rounds);
    /// @notice No task has this number; they count from 1.
    /// @param taskId that was asked for
    error Tasks_UnknownTask(uint64 taskId);
    /// @notice Only the account that created the task closes it.
    /// @param taskId the task
    /// @param caller who called
    /// @param owner who may
    error Tasks_OnlyOwner(uint64 taskId, address caller, address owner);
    /// @notice The task is closed: it takes no money, no people and opens no round.
    /// @param taskId the task
    error Tasks_Closed(uint64 taskId);
    /// @notice Money goes back only once the task is closed.
    /// @param taskId the task
    error Tasks_NotClosed(uint64 taskId);
    /// @notice A parameter is outside its bounds.
    /// @param parameter name of the field
    /// @param value given, in its unit
    /// @param minimum least
    /// @param maximum most
    error Tasks_OutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice A hash or root that must commit to something is zero.
    /// @param parameter name of the field
    error Tasks_ZeroHash(string parameter);
    /// @notice Nothing was given.
    error Tasks_ZeroAmount();
    /// @notice All funding of a task together has a limit.
    /// @param total reward wei with what was to be added
    /// @param maximum reward wei, 2⁸⁰ − 1
    error Tasks_FundingTooLarge(uint256 total, uint256 maximum);
    /// @notice The token moved another amount than it was told: fee-on-transfer or rebasing.
    /// @param token the reward token
    /// @param asked wei of it that were to come
    /// @param received wei of it that came
    error Tasks_InexactTransfer(address token, uint256 asked, uint256 received);
    /// @notice The token's balance here fell below what the books say: it rebases or confiscates.
    /// @param token the reward token
    /// @param balance wei of it that are here
    /// @param booked wei of it that all tasks together should have
    error Tasks_BalanceBelowBooks(address token, uint256 balance, uint256 booked);
    /// @notice The escrow has less than is needed: fund the task.
    /// @param taskId the task
    /// @param needed reward wei
    /// @param available reward wei
    error Tasks_FundsTooLow(uint64 taskId, uint256 needed, uint256 available);
    /// @notice One address has one role in a task: leave first.
    /// @param taskId the task
    /// @param account who has it
    /// @param role it has
    error Tasks_HasRole(uint64 taskId, address account, Role role);
    /// @notice The account isn't what the call is for.
    /// @param taskId the task
    /// @param account whose role was asked for
    /// @param needed role
    error Tasks_LacksRole(uint64 taskId, address account, Role needed);
    /// @notice A validator brings at least the task's minimum.
    /// @param amount ASSAY wei offered
    /// @param minimum ASSAY wei
    error Tasks_StakeTooLow(uint256 amount, uint256 minimum);
    /// @notice An encryption key has an impossible length.
    /// @param length bytes given
    /// @param minimum least bytes
    /// @param maximum most bytes
    error Tasks_EncryptionKeyLength(uint256 length, uint256 minimum, uint256 maximum);
    /// @notice Nothing is unreserved now; it may be after the open round.
    /// @param taskId the task
    error Tasks_NothingToRefund(uint64 taskId);

    /// @notice Names the contract that runs the rounds. Once, by the deployer; inert afterwards.
    /// @param rounds a contract
    function connect(address rounds) external;

    /// @notice Creates a task that belongs to the caller. Its parameters never change; money comes with `fund`.
    /// @param params see there; the most that a round can cost must be 1…2⁸⁰ − 1 reward wei
    /// @return taskId counts from 1
    function createTask(TaskParams calldata params) external returns (uint64 taskId);

    /// @notice Adds to the escrow what the caller has approved; anyone can fund. A token that takes a fee, or took some of its balance here
    /// away, is refused.
    /// @param taskId a task that is not closed
    /// @param amount reward wei, not 0
    function fund(uint64 taskId, uint256 amount) external;

    /// @notice No further round opens. What isn't reserved is refunded at once. Only the owner.
    /// @param taskId a task that is not closed
    function close(uint64 taskId) external;

    /// @notice Refunds what has become unreserved since the task was closed. Anyone; it goes to the owner.
    /// @param taskId a closed task
    /// @return amount reward wei paid, not 0
    function refund(uint64 taskId) external returns (uint256 amount);

    /// @notice Reserves the task's `contributorStake`, takes its `enrolmentFee` and commits to the caller's data. Too little free stake
    /// reverts with `StakeRegistry_FreeStakeTooLow`, a task whose last round has opened with `Rounds_AllRoundsDone`.
    /// @param taskId a task that is not closed, in which the caller has no role
    /// @param dataRoot Merkle root of the salted samples, not zero
    /// @param dataUnits samples under the root, 1…2²⁴; what exceeds the task's limit does not count (the event tells all of them)
    function enrol(uint64 taskId, bytes32 dataRoot, uint32 dataUnits) external;

    /// @notice Ends an enrolment once the contributor's last round is final; before that it reverts with `Rounds_NotFinal`.
    /// @param taskId the task
    function leaveTask(uint64 taskId) external;

    /// @notice Reserves stake and takes a place in the draw from the next round on. With all 64 places taken a higher stake outbids the
    /// smallest; one that isn't higher reverts with `Rounds_RosterFull`, a task whose last round has opened with `Rounds_AllRoundsDone`.
    /// @param taskId a task that is not closed, in which the caller has no role
    /// @param amount ASSAY wei to reserve, at least `minValidatorStake`
    /// @param encryptionKey 32…2,048 bytes; its hash is kept, the event tells all of it
    function joinValidators(uint64 taskId, uint256 amount, bytes calldata encryptionKey) external;

    /// @notice Leaves the draw from the next round on. Who took another's place is bound to it for a while: `Rounds_PlaceBound`.
    /// @param taskId the task
    function leaveValidators(uint64 taskId) external;

    /// @notice Gives a validator's reserved stake back once no draw holds it and its last round is final (before that: `Rounds_StillDrawn`,
    /// `Rounds_NotFinal`). Anyone.
    /// @param taskId the task
    /// @param validator who left, was outbid or was removed
    function releaseValidator(uint64 taskId, address validator) external;

    /// @notice Holds back what the next round can cost at most. Only Rounds.
    /// @param taskId a task that is not closed
    /// @return amount reward wei, {largestRoundCost}
    function reserveRound(uint64 taskId) external returns (uint256 amount);

    /// @notice Ends a round: all that is not owed becomes available again. Only Rounds.
    /// @param taskId the task
    /// @param roundReserve reward wei that reserveRound returned, 0 between rounds
    /// @param liability reward wei credited and held since the task began, paid or not
    function closeRound(uint64 taskId, uint256 roundReserve, uint256 liability) external;

    /// @notice Hands out what closed rounds credited. Only Rounds, whose `Collected` tells of it, and which pays claims with it.
    /// @param taskId the task
    /// @param to who gets it
    /// @param amount reward wei, at most what is reserved
    function payOut(uint64 taskId, address to, uint256 amount) external;

    /// @notice What the task was created with.
    /// @param taskId the task; here and below an unknown one reverts with `Tasks_UnknownTask`
    /// @return all of it
    function paramsOf(uint64 taskId) external view returns (TaskParams memory);

    /// @notice Who created the task and gets what it doesn't spend.
    /// @param taskId the task
    /// @return its owner
    function ownerOf(uint64 taskId) external view returns (address);

    /// @notice Whether the task opens no further round.
    /// @param taskId the task
    /// @return true once it is closed
    function isClosed(uint64 taskId) external view returns (bool);

    /// @notice The books of a task: paid = funded − refunded − available − reserved.
    /// @param taskId the task
    /// @return reward wei by what they are for
    function fundsOf(uint64 taskId) external view returns (Funds memory);

    /// @notice What an account is to a task.
    /// @param taskId the task, which may not exist
    /// @param account any
    /// @return None if it has no role
    function roleOf(uint64 taskId, address account) external view returns (Role);

    /// @notice Merkle root of an enrolled contributor's samples, zero if it is none.
    /// @param taskId the task, which may not exist
    /// @param contributor any account
    /// @return the root
    function dataRootOf(uint64 taskId, address contributor) external view returns (bytes32);

    /// @notice keccak256 of the key that evidence for a validator is sealed to, zero if it is none.
    /// @param taskId the task, which may not exist
    /// @param validator any account
    /// @return the hash
    function encryptionKeyHashOf(uint64 taskId, address validator) external view returns (bytes32);

    /// @notice What opening a round reserves: the most that one can cost.
    /// @param taskId the task
    /// @return reward wei
    function largestRoundCost(uint64 taskId) external view returns (uint256);

    /// @notice Number of tasks so far, which is also the last one's.
    /// @return from 0
    function taskCount() external view returns (uint64);

    /// @notice What all tasks that pay in a token have by the books; the balance is at least that, unless the token took some away.
    /// @param rewardToken any token
    /// @return its wei
    function bookedOf(address rewardToken) external view returns (uint256);

    /// @notice The limits fixed at deployment.
    /// @return all in seconds
    function timing() external view returns (Timing memory);

    /// @notice The contract that holds the stakes.
    /// @return its address
    function registry() external view returns (address);

    /// @notice The contract that runs the rounds.
    /// @return its address, zero before `connect`
    function rounds() external view returns (address);
}
