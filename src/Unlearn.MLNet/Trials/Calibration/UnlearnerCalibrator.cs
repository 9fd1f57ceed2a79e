using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>
/// Calibrates the unlearners of a study, in rounds: first the exact retrainings, then one strength of every unlearner in each round, and last a check of the
/// chosen ones. The next round follows from the measurements in the ledger,
/// so neither the number of workers nor the clock nor a stop in between changes the result.
/// </summary>
/// <param name="subject">What the unlearners are measured on.</param>
/// <param name="runs">Carries out runs.</param>
/// <param name="options">Options.</param>
/// <param name="seed">Root seed.</param>
internal sealed class UnlearnerCalibrator(CalibrationSubject subject, CalibrationRuns runs, CalibrationOptions options, long seed)
{
    /// <summary>Whether an unlearner is calibrated.</summary>
    public static bool IsCalibrated(IUnlearner unlearner) => unlearner is IAdjustableUnlearner { IsExact: false };

    /// <summary>Calibrates.</summary>
    /// <param name="plans">The unlearners of the study and their trials; one of them makes the retrain pool if one is approximate.</param>
    /// <param name="progress">Gets the share that is done, in steps, their number and the current work; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; finished runs stay in the ledger.</param>
    /// <returns>The plans with calibrated unlearners, in order, and a calibration of every approximate unlearner.</returns>
    /// <exception cref="TrialFailedException">A retraining failed.</exception>
    public (IReadOnlyList<UnlearnerPlan> Plans, IReadOnlyList<UnlearnerCalibration> Calibrations) Run(
        IReadOnlyList<UnlearnerPlan> plans, Action<int, int, string>? progress, CancellationToken cancellationToken)
    {
        var adjustable = plans.Where(plan => IsCalibrated(plan.Unlearner)).ToList();
        var sizes = adjustable.Select(Size).Distinct().ToList();
        var allowance = new CalibrationAllowance(options, plans.Sum(plan => plan.Trials), adjustable.Count, sizes.Count);
        if (adjustable.Count == 0 || !allowance.Suffices)
            return (plans, [.. Approximate(plans).Select(unlearner => Untried(unlearner))]);
        var steps = new Steps(progress, sizes.Count, adjustable.Count, options);
        var pool = UnlearnerSet.RetrainPoolOf(plans.Select(plan => plan.Unlearner));
        var references = Retrain(pool!, sizes, allowance, steps, cancellationToken);
        StrengthCalibration[] calibrations = [.. adjustable.Select(Create)];
        Search(calibrations, allowance, steps, cancellationToken);
        Check(calibrations, steps, cancellationToken);
        steps.End();
        var found = calibrations.Select(calibration => calibration.Result(allowance.Retrainings));
        var results = found.ToDictionary(result => result.Plan.Unlearner.Name, StringComparer.Ordinal);
        return (
            [.. plans.Select(plan => results.TryGetValue(plan.Unlearner.Name, out var result) ? result.Plan : plan)],
            [.. Approximate(plans).Select(unlearner => results.TryGetValue(unlearner.Name, out var result) ? result.Calibration : Untried(unlearner))]);

        StrengthCalibration Create(UnlearnerPlan plan)
        {
            var (search, check) = references[Size(plan)];
            return new(plan, (IAdjustableUnlearner)plan.Unlearner, search, check, options);
        }
    }

    private static IEnumerable<IUnlearner> Approximate(IEnumerable<UnlearnerPlan> plans) =>
        plans.Select(plan => plan.Unlearner).Where(unlearner => !unlearner.IsExact);

    private int Size(UnlearnerPlan plan) => TrialPlanner.GroupSize(subject.RowIds.Count, plan.ForgetShare);

    private Dictionary<int, (CalibrationReference Search, CalibrationReference Check)> Retrain(
        IUnlearner pool, IReadOnlyList<int> sizes, CalibrationAllowance allowance, Steps steps, CancellationToken cancellationToken)
    {
        var retrainings = allowance.Retrainings;
        var forgetSets = sizes.Select(size => CalibrationForgetSets.Deal(subject.RowIds, size, allowance.ForgetSets + allowance.CheckSets, seed)).ToList();
        var tasks = forgetSets.Select(ofSize => (pool, ofSize, 0, retrainings));
        var measured = runs.Run([.. tasks], _ => steps.Add($"{retrainings} retrainings of each forget set"), cancellationToken);
        if (measured.SelectMany(of => of).FirstOrDefault(of => of.Failure is not null) is { } failed)
            throw new TrialFailedException($"A retraining by {pool.Name} failed, so that nothing can be calibrated to it: {failed.Failure} Change the recipe, "
                + "or leave the calibration out.");
        var searchSets = allowance.ForgetSets;
        return sizes.Index().ToDictionary(size => size.Item, size => (Reference(size.Index, ..searchSets), Reference(size.Index, searchSets..)));

        CalibrationReference Reference(int size, Range range)
        {
            int[][] sets = [.. forgetSets[size].Take(range)];
            return new(sets, [.. sets.Select(subject.MeasureTarget)], [.. measured[size].Chunk(retrainings).Take(range)]);
        }
    }

    private void Search(IReadOnlyList<StrengthCalibration> calibrations, CalibrationAllowance allowance, Steps steps, CancellationToken cancellationToken)
    {
        while (true)
        {
            List<(StrengthCalibration Calibration, double Strength, IUnlearner Unlearner)> tasks = [];
            foreach (var calibration in calibrations)
                if (calibration.Next is { } strength && calibration.With(strength) is { } unlearner)
                {
                    if (allowance.TryTake(isFirst: calibration.Tried == 0))
                        tasks.Add((calibration, strength, unlearner));
                    else
                        calibration.Stop();
                }
            if (tasks.Count == 0)
                return;
            var measured = runs.Run([.. tasks.Select(task => (task.Unlearner, task.Calibration.ForgetSets, 0, 1))], Done, cancellationToken);
            foreach (var (task, measurements) in tasks.Zip(measured))
                task.Calibration.Add(task.Strength, measurements);
            void Done(int number) => steps.Add(Invariant($"{tasks[number].Unlearner.Name} at strength {tasks[number].Strength:0.###}"));

            steps.Settle([.. calibrations.Select(calibration => (calibration.Tried, calibration.Next is null))]);
        }
    }

    private void Check(IReadOnlyList<StrengthCalibration> calibrations, Steps steps, CancellationToken cancellationToken)
    {
        var all = calibrations.Select(calibration => (Calibration: calibration, Unlearner: calibration.ToCheck));
        var tasks = all.Where(task => task.Unlearner is not null).ToList();
        var checks = tasks.Select(task => (task.Unlearner!, task.Calibration.CheckSets, task.Calibration.ForgetSets.Count, 1));
        var measured = runs.Run([.. checks], Done, cancellationToken);
        foreach (var (task, measurements) in tasks.Zip(measured))
            task.Calibration.AddCheck(measurements);

        void Done(int number) => steps.Add($"{tasks[number].Unlearner!.Name}: check of its strength");
    }

    private UnlearnerCalibration Untried(IUnlearner unlearner)
    {
        var verdict = IsCalibrated(unlearner) ? CalibrationVerdict.TooFewTrials : CalibrationVerdict.NotAdjustable;
        var found = new UnlearnerCalibration
        {
            Unlearner = unlearner.Name, Verdict = verdict, Explanation = "", Strength = 1, Specification = unlearner.Specification, Options = options,
        };
        return found with { Explanation = CalibrationWords.Explain(found, isTooCostly: verdict == CalibrationVerdict.TooFewTrials) };
    }

    // An unlearner's search takes as many steps as it has strengths at most; one that ends earlier has them all done.
    private sealed class Steps(Action<int, int, string>? progress, int references, int unlearners, CalibrationOptions options)
    {
        private readonly Lock _gate = new();
        private readonly int _each =
            options.Refinements + 1 + (int)(Math.Log(options.StrongestStrength / options.WeakestStrength) / Math.Log(options.LadderFactor));
        private int _done;
        private string _detail = "";

        private int Total => references + unlearners * (_each + 1);

        public void Add(string detail)
        {
            lock (_gate)
                progress?.Invoke(_done = Math.Min(Total, _done + 1), Total, _detail = detail);
        }

        public void Settle(IReadOnlyList<(int Tried, bool IsOver)> searches)
        {
            lock (_gate)
                _done = Math.Max(_done, references + searches.Sum(search => search.IsOver ? _each : Math.Min(search.Tried, _each)));
        }

        public void End()
        {
            lock (_gate)
                progress?.Invoke(Total, Total, _detail);
        }
    }
}
