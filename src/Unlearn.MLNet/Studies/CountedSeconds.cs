using Unlearn.MLNet.Trials.Calibration;
using Unlearn.MLNet.Trials.Planning;

namespace Unlearn.MLNet.Studies;

/// <summary>Seconds of work that is counted by the trials that it is made of.</summary>
/// <param name="options">Options of the study.</param>
/// <param name="estimates">The trials of its unlearners.</param>
internal sealed class CountedSeconds(StudyOptions options, IReadOnlyList<UnlearnerEstimate> estimates)
{
    private readonly UnlearnerPlan? _pool = options.Unlearners.FirstOrDefault(plan => plan.Unlearner.MakesRetrainPool);

    /// <summary>The calibration: six strengths of each unlearner, as its allowance expects.</summary>
    /// <param name="rows">Number of rows.</param>
    public double Calibration(int rows)
    {
        UnlearnerPlan[] adjustable = [.. options.Unlearners.Where(plan => UnlearnerCalibrator.IsCalibrated(plan.Unlearner))];
        if (options.Calibration is not { } calibration || adjustable.Length == 0 || _pool is null)
            return 0;
        var sizes = adjustable.Select(plan => TrialPlanner.GroupSize(rows, plan.ForgetShare)).Distinct().Count();
        var allowance = new CalibrationAllowance(calibration, options.Unlearners.Sum(plan => plan.Trials), adjustable.Length, sizes);
        if (!allowance.Suffices)
            return 0;
        var retrainings = (double)sizes * (allowance.ForgetSets + allowance.CheckSets) * allowance.Retrainings;
        var runs = CalibrationAllowance.ExpectedStrengths * allowance.ForgetSets + allowance.CheckSets;
        return (retrainings * OfTrial(_pool) + adjustable.Sum(plan => runs * OfTrial(plan))) / options.Workers;
    }

    /// <summary>Trials of single rows: both halves forget each row; an approximate unlearner is judged by at least two retrainings in each half.</summary>
    public double SingleRows()
    {
        if (options.SingleRows is not { } single)
            return 0;
        const int Halves = 2;
        const int FewestRetrainings = 2;
        return options.Unlearners.Where(plan => single.Unlearners.Contains(plan.Unlearner.Name)).Sum(plan => Halves * single.Rows
            * (single.Repetitions * OfTrial(plan)
                + (plan.Unlearner.IsExact ? 0 : Math.Max(FewestRetrainings, single.Repetitions) * OfTrial(_pool)))) / options.Workers;
    }

    /// <summary>Reference models, as many retrainings.</summary>
    public double ReferenceModels() => options.ReferenceModels * OfTrial(_pool) / options.Workers;

    private double OfTrial(UnlearnerPlan? plan) =>
        plan is not null && estimates.First(of => of.Unlearner == plan.Unlearner.Name) is var of ? of.WorkerSeconds / of.Trials : 0;
}
