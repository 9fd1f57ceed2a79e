using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Calibration;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// Makes a ground truth from rows, for studies and labelings: plans the trials, opens the ledger, trains the target and runs trials on it.
/// The caller decides how many trials there are: a fixed number, or rounds of trials.
/// </summary>
internal sealed class GroundTruthRun : IDisposable
{
    private readonly GroundTruthSetup _setup;
    private readonly LatestProgress _progress;
    private readonly TimeProvider _time;
    private readonly long _targetSeed;
    private readonly Dictionary<string, IUnlearner> _unlearners;
    private readonly DirectoryInfo? _temporary;
    private readonly LockPatience _patience;
    private readonly ITrialLedger _ledger;
    private ITarget? _target;
    private TrialSubject? _subject;

    /// <summary>Opens the ledger.</summary>
    /// <param name="setup">What the ground truth is made of; it was checked.</param>
    /// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
    /// <param name="time">Source of the time.</param>
    /// <param name="cancellationToken">Ends waiting for a ledger that another process has locked.</param>
    /// <exception cref="TrialLedgerException">The ledger is damaged, newer, or of another application.</exception>
    public GroundTruthRun(GroundTruthSetup setup, IProgress<StudyProgress>? progress, TimeProvider time, CancellationToken cancellationToken)
    {
        _setup = setup;
        _progress = new(progress);
        _patience = new(setup.Trials.LockTimeout, _progress.TellOfLock, cancellationToken);
        _time = time;
        _targetSeed = setup.TargetSeed ?? Seed.Derive(setup.Seed, "target");
        _unlearners = setup.Unlearners.ToDictionary(unlearner => unlearner.Name, StringComparer.Ordinal);
        _temporary = setup is { LedgerPath: null, Cluster: null } ? Directory.CreateTempSubdirectory("unlearn-") : null;
        _ledger = OpenLedger("", cancellationToken);
    }

    /// <summary>Opens a ledger beside the usual one.</summary>
    /// <param name="part">What is appended to its name.</param>
    /// <param name="cancellationToken">Ends waiting for it.</param>
    /// <exception cref="TrialLedgerException">It cannot be used.</exception>
    public ITrialLedger OpenLedger(string part, CancellationToken cancellationToken) => _setup.Cluster is { } cluster
        ? cluster.OpenLedger(part, cancellationToken)
        : new SqliteTrialLedger($"{_setup.LedgerPath ?? Path.Combine(_temporary!.FullName, "trials.db")}{part}", _time, _patience);

    /// <summary>What the trials of an unlearner share.</summary>
    public TrialContext Context(IUnlearner unlearner) => TrialContext.Of(unlearner, _setup.Recipe, _targetSeed, _setup.Rows, _setup.TestRows);

    /// <summary>The trials of an unlearner.</summary>
    /// <exception cref="ArgumentException">Number or share of the plan are outside their range.</exception>
    public TrialPlan Plan(UnlearnerPlan plan) => plan.ToTrials(Context(plan.Unlearner), _setup.Rows.Ids, _setup.Seed);

    /// <summary>
    /// Checks plans and notes them in the ledger, so that what does not fit is found out before anything is trained. A plan whose unlearner is yet to
    /// be calibrated is checked and not noted.
    /// </summary>
    /// <exception cref="ArgumentException">A half of a plan leaves rows out.</exception>
    /// <exception cref="TrialLedgerException">The ledger holds trials of another plan.</exception>
    public void RegisterBeforeTraining(IReadOnlyList<UnlearnerPlan> plans)
    {
        TrialPlan[] trials = [.. plans.Select(Plan)];
        PlanCheck.Coverage(trials);
        CheckSpace(trials);
        Register([.. plans.Zip(trials)
            .Where(plan => _setup.Calibration is null || !UnlearnerCalibrator.IsCalibrated(plan.First.Unlearner))
            .Select(plan => plan.Second)]);
    }

    /// <summary>Notes plans in the ledger.</summary>
    /// <exception cref="TrialLedgerException">The ledger holds trials of another plan, such as another strength of an unlearner.</exception>
    public void Register(IReadOnlyList<TrialPlan> plans)
    {
        foreach (var plan in plans)
            _ledger.Register(plan, _setup.Trials.AllowOtherPlans);
    }

    /// <summary>Whether the ledger has the outcome of a trial of a plan.</summary>
    public bool HasBegun(TrialPlan plan) =>
        _ledger.States([.. plan.Trials.Select(trial => trial.Id)]).Any(state => state is TrialState.Finished or TrialState.Failed);

    /// <summary>Trains the target on all rows.</summary>
    /// <returns>The target, which is disposed with the run.</returns>
    public async Task<ITarget> TrainTargetAsync(CancellationToken cancellationToken)
    {
        _progress.Report(
            new() { Stage = StudyStage.Target, Finished = 0, Total = (_setup.Recipe as TorchRecipe)?.Epochs ?? 1, Detail = "training the target" });
        return _target = await TorchThreads.RunAsync("Unlearn study", () => TrainTarget(cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Measures the trained target, which trials are compared with.</summary>
    /// <returns>What trials run on.</returns>
    public async Task<TrialSubject> MeasureTargetAsync(CancellationToken cancellationToken) =>
        _subject = await TorchThreads.RunAsync(
            "Unlearn study", () => new TrialSubject(_target!, _setup.Recipe, _setup.Rows, _setup.TestRows, _time, cancellationToken)).ConfigureAwait(false);

    /// <summary>Finds the strengths of approximate unlearners on the trained target. From now on, the run's unlearners are the calibrated ones.</summary>
    /// <param name="plans">The unlearners and their trials.</param>
    /// <param name="cancellationToken">Stops it; what was measured stays in the ledger.</param>
    /// <returns>The plans with calibrated unlearners, and a calibration of every approximate unlearner; none where calibration is off.</returns>
    /// <exception cref="TrialFailedException">A retraining failed.</exception>
    public async Task<(IReadOnlyList<UnlearnerPlan> Plans, IReadOnlyList<UnlearnerCalibration> Calibrations)> CalibrateAsync(
        IReadOnlyList<UnlearnerPlan> plans, CancellationToken cancellationToken)
    {
        if (_setup.Calibration is not { } options)
            return (plans, []);
        var calibrated = await TorchThreads.RunAsync("Unlearn study", () =>
        {
            var subject = new CalibrationSubject(_target!, _setup.Recipe, _setup.Rows, _setup.TestRows, _time, cancellationToken);
            var runs = new CalibrationRuns(subject, _ledger, Context, _setup.Seed, _setup.Workers);
            return new UnlearnerCalibrator(subject, runs, options, _setup.Seed).Run(plans, Report, cancellationToken);
        }).ConfigureAwait(false);
        foreach (var plan in calibrated.Plans)
            _unlearners[plan.Unlearner.Name] = plan.Unlearner;
        return calibrated;

        void Report(int finished, int total, string detail) =>
            _progress.Report(new() { Stage = StudyStage.Calibration, Finished = finished, Total = total, Detail = detail });
    }

    /// <summary>Runs those trials of plans that the ledger does not have, on the measured target.</summary>
    public Task<TrialRun> RunTrialsAsync(IReadOnlyList<TrialPlan> plans, IProgress<TrialProgress>? progress, CancellationToken cancellationToken) =>
        RunTrialsAsync(_ledger, _setup.Trials, plans, progress, cancellationToken);

    /// <summary>The same with another ledger.</summary>
    public Task<TrialRun> RunTrialsAsync(
        ITrialLedger ledger, TrialRunnerOptions options, IReadOnlyList<TrialPlan> plans, IProgress<TrialProgress>? progress,
        CancellationToken cancellationToken)
    {
        var executor = _setup.Cluster?.Executor(ledger, Setting(), plans, options) ?? new InProcessTrialExecutor(_setup.Workers);
        return new TrialRunner(ledger, executor, _time, options).RunAsync(
            plans, new UnlearningTrials(_subject!, _unlearners.Values), progress, cancellationToken);
    }

    /// <summary>The trials of a plan in the batches in which they run, on the trained target.</summary>
    public IReadOnlyList<IReadOnlyList<TrialSpec>> Batches(TrialPlan plan) => TrialBatches.Of(
        plan.Trials, name => _unlearners[name] is IBatchUnlearner several ? several.BatchSize(_target!, _setup.Recipe) : 1);

    /// <summary>Runs the trials of the plans and scores the rows.</summary>
    /// <returns>For each plan, its unlearner with the results of its trials; and the scores.</returns>
    /// <exception cref="InvalidOperationException">Too many trials failed to score every row.</exception>
    public async Task<(IReadOnlyList<UnlearnerRun> Runs, IReadOnlyList<HardnessScores> Scores)> RunAsync(
        IReadOnlyList<TrialPlan> plans, CancellationToken cancellationToken)
    {
        var runs = UnlearnerRun.Each(plans, _unlearners, await RunTrialsAsync(plans, new TrialsProgress(_progress), cancellationToken).ConfigureAwait(false));
        return (runs, HardnessScorer.Score(_setup.Rows.Ids, runs, _subject!.TargetLogitConfidences));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _target?.Dispose();
        _ledger.Dispose();
        _temporary?.Delete(recursive: true);
    }

    // At least this much: outcomes of forgotten rows, and what retrained models say of all rows. Calibrations and indexes come on top.
    private void CheckSpace(IReadOnlyList<TrialPlan> plans)
    {
        const long OutcomeBytes = 36;
        var idBytes = _setup.Rows.Ids.Average(id => (double)id.Length);
        var bytes = plans.Sum(plan => plan.Trials.Sum(trial => trial.ForgetIds.Count * (OutcomeBytes + idBytes))
            + (_unlearners[plan.Unlearner].MakesRetrainPool ? (double)plan.Trials.Count * _setup.Rows.Count * sizeof(float) : 0));
        _ledger.DemandSpace(bytes);
    }

    private TrialSetting Setting() => new()
    {
        Recipe = _setup.Recipe,
        Target = _target!,
        TargetSeed = _targetSeed,
        Rows = _setup.Rows,
        TestRows = _setup.TestRows,
        Unlearners = _unlearners.Values,
        TargetLogitConfidences = _subject!.TargetLogitConfidences,
    };

    private ITarget TrainTarget(CancellationToken cancellationToken)
    {
        var epochs = new EpochProgress(_progress);
        int[] all = [.. Enumerable.Range(0, _setup.Rows.Count)];
        return _setup is { RecordsGradients: true, Recipe: TorchRecipe recipe }
            ? recipe.TrainWithGradientTrace(_setup.Rows, all, _targetSeed, progress: epochs, cancellationToken: cancellationToken)
            : _setup.Recipe.Train(_setup.Rows, all, _targetSeed, epochs, cancellationToken);
    }
}
