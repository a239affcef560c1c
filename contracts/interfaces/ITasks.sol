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

    event Connected(address indexed rounds);
    event TaskCreated(uint64 indexed taskId, address indexed owner, bytes32 specHash, TaskParams params);
    event TaskFunded(uint64 indexed taskId, address indexed from, uint256 amount);
    event TaskClosed(uint64 indexed taskId);
    event TaskRefunded(uint64 indexed taskId, address indexed owner, uint256 amount);
    event Enrolled(uint64 indexed taskId, address indexed contributor, bytes32 dataRoot, uint32 dataUnits);
    event Left(uint64 indexed taskId, address indexed account, Role role, uint256 released);
    event ValidatorJoined(uint64 indexed taskId, address indexed validator, uint256 amount, bytes encryptionKey);
    event ValidatorLeaving(uint64 indexed taskId, address indexed validator);
    event RoundReserved(uint64 indexed taskId, uint256 amount);
    event RoundReleased(uint64 indexed taskId, uint256 amount);
    event Paid(uint64 indexed taskId, address indexed to, uint256 amount);

    error Tasks_OnlyDeployer(address caller, address deployer);
    error Tasks_AlreadyConnected(address rounds);
    error Tasks_NotConnected();
    error Tasks_NotAContract(address account);
    /// @notice Stake could leave before a slash for its fault: unbonding must exceed the longest case, both in seconds.
    error Tasks_UnbondingTooShort(uint256 unbondingSeconds, uint256 longestCaseSeconds);
    error Tasks_OnlyRounds(address caller, address rounds);
    error Tasks_UnknownTask(uint64 taskId);
    error Tasks_OnlyOwner(uint64 taskId, address caller, address owner);
    error Tasks_Closed(uint64 taskId);
    error Tasks_NotClosed(uint64 taskId);
    /// @param parameter name of the field; value, minimum and maximum in its unit
    error Tasks_OutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);
    error Tasks_ZeroHash(string parameter);
    error Tasks_ZeroAmount();
    error Tasks_FundingTooLarge(uint256 total, uint256 maximum);
    /// @notice The token moved another amount than it was told: fee-on-transfer or rebasing.
    error Tasks_InexactTransfer(address token, uint256 asked, uint256 received);
    /// @notice The token's balance here fell below what the books say: it rebases or confiscates.
    error Tasks_BalanceBelowBooks(address token, uint256 balance, uint256 booked);
    error Tasks_FundsTooLow(uint64 taskId, uint256 needed, uint256 available);
    error Tasks_HasRole(uint64 taskId, address account, Role role);
    error Tasks_LacksRole(uint64 taskId, address account, Role needed);
    error Tasks_StakeTooLow(uint256 amount, uint256 minimum);
    error Tasks_EncryptionKeyLength(uint256 length, uint256 minimum, uint256 maximum);
    error Tasks_NothingToRefund(uint64 taskId);

    /// @notice Names the contract that runs the rounds. Once, by the deployer; inert afterwards.
    function connect(address rounds) external;

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

    /// @notice Pays matured earnings. Only Rounds.
    function payOut(uint64 taskId, address to, uint256 amount) external;

    function paramsOf(uint64 taskId) external view returns (TaskParams memory);

    function ownerOf(uint64 taskId) external view returns (address);

    function isClosed(uint64 taskId) external view returns (bool);

    function fundsOf(uint64 taskId) external view returns (Funds memory);

    function roleOf(uint64 taskId, address account) external view returns (Role);

    function dataRootOf(uint64 taskId, address contributor) external view returns (bytes32);

    function encryptionKeyHashOf(uint64 taskId, address validator) external view returns (bytes32);

    /// @notice Largest amount in reward wei that one round can cost.
    function largestRoundCost(uint64 taskId) external view returns (uint256);

    function taskCount() external view returns (uint64);

    /// @notice Reward wei of `rewardToken` that all tasks together hold by the books; the balance is at least that.
    function bookedOf(address rewardToken) external view returns (uint256);

    function timing() external view returns (Timing memory);

    /// @notice The contract that holds the stakes.
    function registry() external view returns (address);

    /// @notice The contract that runs the rounds, zero before `connect`.
    function rounds() external view returns (address);
}
