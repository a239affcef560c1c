// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Tasks: what is trained, what it pays, and the escrow that pays it
/// @notice A task names its package by hash, its reward token, prices and limits, all fixed at creation. Contributors enrol,
/// validators join. Opening a round reserves the largest amount that it can cost.
///
/// Safety: funded = paid + refunded + remaining, to the wei; nothing leaves the escrow but matured earnings and refunds of
/// what is not reserved. Liveness: the owner can always close; a round that is open can always be paid.
interface ITasks {
    /// @param specHash sha256 of the canonical task.json
    /// @param initialModelHash sha256 of the serialized initial state
    /// @param rewardToken ERC-20 that pays; it must transfer exactly what it says
    /// @param priceCompute reward wei per compute unit
    /// @param priceData reward wei per data unit
    /// @param priceValidation reward wei per accurate entry
    /// @param computeUnitsPerRound C: assigned steps × units per step
    /// @param dataUnitsLimit cap of D
    /// @param stepsPerRound assigned steps; every commitment must name them
    /// @param windowsPerRound replayable windows of a round (stepsPerRound / commitEvery)
    /// @param replayWindows windows drawn per audited update, 1…6
    /// @param slots most submissions of a round
    /// @param committeeSize k seats a cohort, 3…15
    /// @param minContributors enrolled contributors needed to open a round
    /// @param maxRounds rounds that the task pays for
    /// @param submitSeconds … aggregateSeconds, challengeSeconds: phase lengths
    /// @param earlyBonusBps ε of round 1, 10,000…20,000
    /// @param earlyBonusRounds rounds over which ε falls to 1
    /// @param enrolmentFee ASSAY wei taken and burnt at enrolment
    /// @param contributorStake ASSAY wei reserved of each contributor
    /// @param minValidatorStake ASSAY wei reserved at least of each validator
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

    enum Role {
        None,
        Contributor,
        Validator
    }

    /// @param available wei that is neither reserved nor owed
    /// @param reserved wei held for open rounds and for earnings not yet claimed
    /// @param funded wei ever paid in
    /// @param refunded wei ever given back to the owner
    struct Funds {
        uint256 available;
        uint256 reserved;
        uint256 funded;
        uint256 refunded;
    }

    /// @notice The contract that runs the rounds is named, for ever.
    event Connected(address indexed rounds);
    /// @notice A task exists; `specHash` is repeated from `params` for readers that don't decode them.
    event TaskCreated(uint64 indexed taskId, address indexed owner, bytes32 specHash, TaskParams params);
    /// @notice `amount` reward wei came into the escrow.
    event TaskFunded(uint64 indexed taskId, address indexed from, uint256 amount);
    /// @notice No further round opens.
    event TaskClosed(uint64 indexed taskId);
    /// @notice `amount` reward wei went back to the owner.
    event TaskRefunded(uint64 indexed taskId, address indexed owner, uint256 amount);
    /// @notice A contributor takes part with `dataUnits` samples under `dataRoot`, counted up to the task's limit.
    event Enrolled(uint64 indexed taskId, address indexed contributor, bytes32 dataRoot, uint32 dataUnits);
    /// @notice An account has no role in the task any more and `released` ASSAY wei of stake are free again.
    event Left(uint64 indexed taskId, address indexed account, Role role, uint256 released);
    /// @notice A validator asks for a place in the draw with `amount` ASSAY wei; evidence is sealed to `encryptionKey`.
    event ValidatorJoined(uint64 indexed taskId, address indexed validator, uint256 amount, bytes encryptionKey);
    /// @notice A validator leaves the draw, by choice or outbid.
    event ValidatorLeaving(uint64 indexed taskId, address indexed validator);
    /// @notice `amount` reward wei are held for the round that opens.
    event RoundReserved(uint64 indexed taskId, uint256 amount);
    /// @notice `amount` reward wei turned out not to be owed.
    event RoundReleased(uint64 indexed taskId, uint256 amount);

    /// @notice Only the account that deployed this contract connects it.
    error Tasks_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already and stays so.
    error Tasks_AlreadyConnected(address rounds);
    /// @notice The deployment isn't finished: `connect` comes before the first task.
    error Tasks_NotConnected();
    /// @notice The address has no code of its own (a wallet that delegates to code counts as a wallet).
    error Tasks_NotAContract(address account);
    /// @notice Stake could leave before a slash for its fault: unbonding must exceed the longest case, both in seconds.
    error Tasks_UnbondingTooShort(uint256 unbondingSeconds, uint256 longestCaseSeconds);
    /// @notice Only the connected Rounds moves what is reserved.
    error Tasks_OnlyRounds(address caller, address rounds);
    /// @notice No task has this number; they count from 1.
    error Tasks_UnknownTask(uint64 taskId);
    /// @notice Only the account that created the task closes it.
    error Tasks_OnlyOwner(uint64 taskId, address caller, address owner);
    /// @notice The task is closed: it takes no money, no people and opens no round.
    error Tasks_Closed(uint64 taskId);
    /// @notice Money goes back only once the task is closed.
    error Tasks_NotClosed(uint64 taskId);
    /// @notice A parameter is outside its bounds.
    /// @param parameter name of the field; value, minimum and maximum in its unit
    error Tasks_OutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice A hash or root that must commit to something is zero.
    error Tasks_ZeroHash(string parameter);
    /// @notice Nothing was given.
    error Tasks_ZeroAmount();
    /// @notice All funding of a task together must stay within `maximum` reward wei.
    error Tasks_FundingTooLarge(uint256 total, uint256 maximum);
    /// @notice The token moved another amount than it was told: fee-on-transfer or rebasing.
    error Tasks_InexactTransfer(address token, uint256 asked, uint256 received);
    /// @notice The token's balance here fell below what the books say: it rebases or confiscates.
    error Tasks_BalanceBelowBooks(address token, uint256 balance, uint256 booked);
    /// @notice The escrow has less than is needed, in reward wei: fund the task.
    error Tasks_FundsTooLow(uint64 taskId, uint256 needed, uint256 available);
    /// @notice One address has one role in a task: leave first.
    error Tasks_HasRole(uint64 taskId, address account, Role role);
    /// @notice The account isn't what the call is for.
    error Tasks_LacksRole(uint64 taskId, address account, Role needed);
    /// @notice A validator brings at least the task's minimum, in ASSAY wei.
    error Tasks_StakeTooLow(uint256 amount, uint256 minimum);
    /// @notice An encryption key has an impossible length, in bytes.
    error Tasks_EncryptionKeyLength(uint256 length, uint256 minimum, uint256 maximum);
    /// @notice Nothing is unreserved now; it may be after the open round.
    error Tasks_NothingToRefund(uint64 taskId);

    /// @notice Names the contract that runs the rounds. Once, by the deployer; inert afterwards.
    function connect(address rounds) external;

    /// @notice Creates a task that belongs to the caller. Its parameters never change; money comes with `fund`.
    /// @return taskId counts from 1
    function createTask(TaskParams calldata params) external returns (uint64 taskId);

    /// @notice Adds `amount` reward wei to the escrow; anyone can fund.
    function fund(uint64 taskId, uint256 amount) external;

    /// @notice No further round opens. What isn't reserved is refunded at once.
    function close(uint64 taskId) external;

    /// @notice Refunds what has become unreserved since the task was closed. Anyone; it goes to the owner.
    function refund(uint64 taskId) external returns (uint256 amount);

    /// @notice Reserves stake, takes the fee and commits to the caller's data.
    /// @param dataRoot Merkle root of the salted samples
    /// @param dataUnits samples under the root, at least 1; what exceeds the task's limit does not count (the event tells all of them)
    function enrol(uint64 taskId, bytes32 dataRoot, uint32 dataUnits) external;

    /// @notice Ends an enrolment once the contributor's last round is final.
    function leaveTask(uint64 taskId) external;

    /// @notice Reserves `amount` ASSAY wei and asks for a place in the draw from the next round on. With all places taken a higher
    /// stake outbids the smallest.
    function joinValidators(uint64 taskId, uint256 amount, bytes calldata encryptionKey) external;

    /// @notice Leaves the draw from the next round on.
    function leaveValidators(uint64 taskId) external;

    /// @notice Gives a validator's reserved stake back once no draw holds it and its last round is final. Anyone.
    function releaseValidator(uint64 taskId, address validator) external;

    /// @notice Holds back what the next round can cost at most. Only Rounds.
    function reserveRound(uint64 taskId) external returns (uint256 amount);

    /// @notice Ends a round: all that is not owed becomes available again. Only Rounds.
    /// @param roundReserve what reserveRound returned
    /// @param liability wei credited and held since the task began
    function closeRound(uint64 taskId, uint256 roundReserve, uint256 liability) external;

    /// @notice Hands out what closed rounds credited. Only Rounds, whose `Collected` tells of it, and which pays claims with it.
    function payOut(uint64 taskId, address to, uint256 amount) external;

    /// @notice What the task was created with.
    function paramsOf(uint64 taskId) external view returns (TaskParams memory);

    /// @notice Who created the task and gets what it doesn't spend.
    function ownerOf(uint64 taskId) external view returns (address);

    /// @notice Whether the task opens no further round.
    function isClosed(uint64 taskId) external view returns (bool);

    /// @notice The books of a task: paid = funded − refunded − available − reserved.
    function fundsOf(uint64 taskId) external view returns (Funds memory);

    /// @notice What an account is to a task.
    function roleOf(uint64 taskId, address account) external view returns (Role);

    /// @notice Merkle root of an enrolled contributor's samples, zero if it is none.
    function dataRootOf(uint64 taskId, address contributor) external view returns (bytes32);

    /// @notice keccak256 of the key that evidence for a validator is sealed to, zero if it is none.
    function encryptionKeyHashOf(uint64 taskId, address validator) external view returns (bytes32);

    /// @notice Largest amount in reward wei that one round can cost.
    function largestRoundCost(uint64 taskId) external view returns (uint256);

    /// @notice Number of tasks so far, which is also the last one's.
    function taskCount() external view returns (uint64);

    /// @notice Reward wei of `rewardToken` that all tasks together hold by the books; the balance is at least that.
    function bookedOf(address rewardToken) external view returns (uint256);

    /// @notice The limits fixed at deployment.
    function timing() external view returns (Timing memory);

    /// @notice The contract that holds the stakes.
    function registry() external view returns (address);

    /// @notice The contract that runs the rounds, zero before `connect`.
    function rounds() external view returns (address);
}
