using Microsoft.ML.AutoML;
using Unlearn.MLNet;
using Unlearn.MLNet.Hardness.Search;

namespace Unlearn.AutoML;

/// <summary>
/// An AutoML experiment for hardness models. Factors are its only features, so neither ids nor outcomes leak; its folds are those of
/// <see cref="HardnessEvaluator"/>, and its metric is the mean of the folds' AUCs.
/// </summary>
public sealed class HardnessExperiment
{
    // Under this name AutoML keeps a pipeline's parameters beside those of other spaces.
    private const string PipelineParameters = "_pipeline_";

    private readonly AutoCatalog _catalog;
    private readonly HardnessSearchOptions _options;

    internal HardnessExperiment(AutoCatalog catalog, HardnessSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (options.JournalPath is not null)
            throw new ArgumentException($"{nameof(options.JournalPath)} is set, but AutoML's checkpoints fail with several trainers: "
                + $"use {nameof(HardnessSearch)} to resume a search.", nameof(options));
        if (options.Budget is { } budget && (budget.TotalSeconds < 1 || budget.TotalSeconds > uint.MaxValue))
            throw new ArgumentException($"A {nameof(options.Budget)} of {budget} was asked for: AutoML takes whole seconds, at least 1.", nameof(options));
        (_catalog, _options) = (catalog, options);
    }

    /// <summary>Runs the experiment on threads of the pool: AutoML's own <c>RunAsync</c> returns after the first trial at the soonest.</summary>
    /// <param name="factors">The factor columns; nothing else becomes a feature.</param>
    /// <param name="hard">Whether each row is hard.</param>
    /// <param name="groups">Group of each row; a group never straddles two folds.</param>
    /// <param name="progress">Gets each trial when it is finished, failed ones included.</param>
    /// <param name="cancellationToken">Stops the running trial and the experiment.</param>
    /// <returns>
    /// The best trainer, to be fitted on all rows: the model that AutoML itself returns is the first fold's. AUCs of it and of the defaults are those of
    /// all held-out rows together.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// Lengths differ, a value is NaN, or folds lack groups or one of the two classes.
    /// </exception>
    /// <exception cref="TimeoutException">No trial came to its end within the budget.</exception>
    /// <exception cref="OperationCanceledException">The experiment was cancelled.</exception>
    public Task<HardnessSearchResult> RunAsync(
        IReadOnlyList<FactorColumn> factors, IReadOnlyList<bool> hard, IReadOnlyList<int> groups, IProgress<HardnessTrial>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var rows = new SearchRows(factors, hard, groups, _options.Folds, _options.Seed);
        rows.DemandBothLabelsInFolds();
        return Task.Run(() => RunAsync(rows, progress, cancellationToken), cancellationToken);
    }

    private async Task<HardnessSearchResult> RunAsync(SearchRows rows, IProgress<HardnessTrial>? progress, CancellationToken cancellationToken)
    {
        // Factors span many orders of magnitude, which linear models would have to be normalized for.
        var pipeline = _catalog.BinaryClassification(
            SearchRows.LabelColumn, SearchRows.FeatureColumn, useLbfgsLogisticRegression: false, useSdcaLogisticRegression: false);
        var monitor = new HardnessMonitor(pipeline, progress);
        var experiment = _catalog.CreateExperiment(new AutoMLExperiment.AutoMLExperimentSettings { Seed = _options.Seed })
            .SetPipeline(pipeline)
            .SetBinaryClassificationMetric(BinaryClassificationMetric.AreaUnderRocCurve, SearchRows.LabelColumn)
            .SetDataset(rows.ToDataView(), rows.Folds.Count, SearchRows.FoldColumn)
            .SetMonitor(monitor); // after the pipeline, which sets a monitor of its own
        if (_options.Budget is { } budget)
            experiment.SetTrainingTimeInSeconds((uint)budget.TotalSeconds);
        if (_options.MostTrials is { } most)
            experiment.SetMaxModelToExplore(most);
        if (_options.DrawsAtRandom)
            experiment.SetRandomSearchTuner(_options.Seed);
        var best = await BestAsync(experiment, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        var parameters = best.TrialSettings.Parameter[PipelineParameters];
        var trainer = new HardnessTrainer(monitor.NameOf(best.TrialSettings), context => pipeline.BuildFromOption(context, parameters));
        return new()
        {
            Trainer = trainer,
            Auc = rows.Auc(trainer, _options.Workers, cancellationToken),
            DefaultAuc = rows.Auc(HardnessTrainer.FastTree(), _options.Workers, cancellationToken),
            Trials = monitor.Trials,
        };
    }

    private async Task<TrialResult> BestAsync(AutoMLExperiment experiment, CancellationToken cancellationToken)
    {
        try
        {
            return await experiment.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (TimeoutException cause)
        {
            throw new TimeoutException($"No trial of the experiment came to its end within {_options.Budget}: raise {nameof(_options.Budget)}.", cause);
        }
    }
}
