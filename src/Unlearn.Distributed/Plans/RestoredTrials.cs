using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Distributed.Plans;

/// <summary>Trials of a plan on a worker: dealt again, by the same rules from the same numbers, and so with the same ids.</summary>
internal sealed class RestoredTrials
{
    private readonly Dictionary<string, TrialSpec> _trials;

    /// <summary>Deals the trials.</summary>
    /// <param name="document">The plans.</param>
    /// <param name="setting">What their trials share.</param>
    /// <exception cref="DistributedTrialsException">An unlearner is not known, or the trials are of other rows, recipes or options.</exception>
    public RestoredTrials(TrialsDocument document, RestoredSetting setting)
    {
        Setting = setting;
        List<IUnlearner> unlearners = [];
        List<TrialSpec> trials = [];
        foreach (var plan in document.Plans)
        {
            var unlearner = plan.Unlearner.Restore();
            var context = TrialContext.Of(unlearner, setting.Recipe, setting.TargetSeed, setting.Rows, setting.TestRows);
            if (context.Hash != plan.Context)
                throw new DistributedTrialsException(
                    $"The trials of {unlearner.Name} are of context {plan.Context}, but rows, recipe and options on the worker make context {context.Hash}: "
                    + string.Join(", ", context.Description.Select(field => $"{field.Key} {field.Value}")) + ".");
            var ids = plan.Rows is { } positions ? [.. positions.Select(position => setting.Rows.Ids[position])] : setting.Rows.Ids;
            unlearners.Add(unlearner);
            trials.AddRange(TrialPlanner.Deal(unlearner.Name, context, new(ids, plan.Trials, plan.GroupSize, plan.Seed)).Trials);
        }
        _trials = trials.DistinctBy(trial => trial.Id).ToDictionary(trial => trial.Id, StringComparer.Ordinal);
        Procedure = new UnlearningTrials(setting.Subject, unlearners.DistinctBy(unlearner => unlearner.Name));
    }

    /// <summary>What the trials share.</summary>
    public RestoredSetting Setting { get; }

    /// <summary>Runs the trials.</summary>
    public ITrialProcedure Procedure { get; }

    /// <summary>Trials by their ids.</summary>
    /// <exception cref="DistributedTrialsException">The plan has no such trial.</exception>
    public TrialSpec[] Find(IEnumerable<string> ids) => [.. ids.Select(id => _trials.TryGetValue(id, out var trial)
        ? trial
        : throw new DistributedTrialsException(
            $"The plan has no trial '{id}': coordinator and worker deal trials differently; install the same packages on both."))];
}
