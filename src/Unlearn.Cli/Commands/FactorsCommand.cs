using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;
using Padding = Spectre.Console.Padding;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn factors</c>: trains a model and computes the factors of its rows. Nothing is unlearned.</summary>
internal sealed class FactorsCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private const string FileName = "factors.csv";
    private const int Batch = 256;

    protected override string Name => "factors";

    protected override string Description => "Trains a model, or loads one, and writes the hardness factors of its training rows. Nothing is unlearned.";

    protected override IReadOnlyList<Setting> Settings =>
        [.. KnownSettings.OfData, .. KnownSettings.OfModels, .. KnownSettings.OfFactors, .. KnownSettings.OfRuns];

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        var named = settings.List(KnownSettings.Factors).Select(HardnessFactors.Find).ToList();
        TorchRuntime.KeepFreedMemory();
        if (settings.Text(KnownSettings.Model) is { } file && ModelFile.IsFile(file))
            return await OfFileAsync(file, named, settings, cancellationToken).ConfigureAwait(false);
        using var data = await DataLoader.LoadAsync(settings, Screen, cancellationToken).ConfigureAwait(false);
        var seed = settings.Integer(KnownSettings.Seed) ?? 1;
        var references = (settings.Integer(KnownSettings.ReferenceModels) ?? 0) is > 0 and var count ? ReferenceModels.Train(
            data.Recipe, data.Rows.Rows, seed, count, workers: settings.Integer(KnownSettings.Workers), cancellationToken: cancellationToken) : null;
        if (references is null && named.Find(factor => factor.Tier == FactorTier.T3) is { } referring)
            throw new UsageException($"The factor {referring.Name} needs --reference-models, at least 4.");

        return await TorchThreads.RunAsync("unlearn", () => Compute(data, named, references, settings, seed, cancellationToken)).ConfigureAwait(false);
    }

    private int Compute(
        LoadedData data, List<IHardnessFactor> named, ReferenceModels? references, SettingValues settings, int seed, CancellationToken cancellationToken)
    {
        var rows = data.Rows.Rows;
        var path = Path.Combine(StudyPlanning.Output(settings, data, "-factors"), FileName);
        var chosen = named.Count > 0 ? named : data.Model.Factors(data.Input);
        using var target = Train(data.Recipe, rows, seed, chosen?.Any(factor => factor.NeedsGradientTrace) == true, cancellationToken);
        IHardnessFactor[] factors =
        [
            .. chosen ?? HardnessFactors.DefaultFor(target),
            .. HardnessFactors.All.Where(factor => named.Count == 0 && references is not null && factor.Tier == FactorTier.T3),
        ];
        var (train, test) = (Accuracy.Of(target, rows), Accuracy.Of(target, data.Rows.TestRows));
        var context = new MLContext(seed);
        var view = rows.ToDataView(context);
        var computed = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target,
            Factors = factors,
            References = references,
            BatchSize = Batch,
            Seed = seed,
            CancellationToken = cancellationToken,
        }).Fit(view).Transform(view);
        Files.Write(path, stream => ViewCsv.Write(stream, computed, ["RowId", .. factors.Select(factor => factor.Name)]));
        Show(factors, computed, path, rows.Count, (train, test));
        return ExitCodes.Success;
    }

    private async Task<int> OfFileAsync(string file, List<IHardnessFactor> named, SettingValues settings, CancellationToken cancellationToken)
    {
        var seed = settings.Integer(KnownSettings.Seed) ?? 1;
        var context = new MLContext(seed);
        using var model = await ModelFile.LoadAsync(context, file, settings, Screen, cancellationToken).ConfigureAwait(false);
        return await TorchThreads.RunAsync("unlearn", () =>
        {
            IHardnessFactor[] factors = [.. named.Count > 0 ? named : HardnessFactors.DefaultFor(model.Target)];
            var computed = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
            {
                Target = model.Target,
                Factors = factors,
                FeatureColumnName = ModelFile.FeatureColumn,
                LabelColumnName = ModelFile.LabelColumn,
                RowIdColumnName = ModelFile.RowIdColumn,
                BatchSize = Batch,
                Seed = seed,
                CancellationToken = cancellationToken,
            }).Fit(model.Rows).Transform(model.Rows);
            var path = Path.Combine(settings.Text(KnownSettings.Output) ?? $"{Path.GetFileNameWithoutExtension(file)}-factors-out", FileName);
            Files.Write(path, stream => ViewCsv.Write(
                stream, computed, [ModelFile.RowIdColumn, .. factors.Select(factor => factor.Name)], ["RowId", .. factors.Select(factor => factor.Name)]));
            Show(factors, computed, path, model.Count, accuracies: null);
            return ExitCodes.Success;
        }).ConfigureAwait(false);
    }

    // Gradient traces cost as much again as the training, and some factors need one.
    private static ITarget Train(ITrainingRecipe recipe, TrainingRows rows, int seed, bool hasGradientTrace, CancellationToken cancellationToken)
    {
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        return hasGradientTrace && recipe is TorchRecipe torch
            ? torch.TrainWithGradientTrace(rows, all, seed, cancellationToken: cancellationToken)
            : recipe.Train(rows, all, seed, cancellationToken: cancellationToken);
    }

    private void Show(IHardnessFactor[] factors, IDataView computed, string path, int rows, (double Train, double Test)? accuracies)
    {
        var columns =
            factors.Select(factor => (Factor: factor, Values: computed.GetColumn<float>(factor.Name).Where(float.IsFinite).Order().ToList())).ToList();
        var table = new Table().Title("Hardness factors").Border(TableBorder.Simple);
        foreach (var heading in new[] { "factor", "tier", "family", "least", "median", "greatest" })
            table.AddColumn(new TableColumn(heading) { Padding = new Padding(0, 0, 1, 0) });
        foreach (var (factor, values) in columns)
            table.AddRow(factor.Name, factor.Tier.ToString(), factor.Family, At(values, 0), At(values, 0.5), At(values, 1));
        Screen.Show(table);
        if (accuracies is { } of)
            Screen.Say(Invariant($"Target: train accuracy {of.Train:0.000}, test accuracy {of.Test:0.000}."));
        Screen.Result($"Factors: {Path.GetFullPath(path)}");
        Screen.Json(new
        {
            File = Path.GetFullPath(path),
            Rows = rows,
            TrainAccuracy = accuracies?.Train,
            TestAccuracy = accuracies?.Test,
            Factors = factors.Select(factor => new { factor.Name, Tier = factor.Tier.ToString(), factor.Family }),
        });

        static string At(List<float> values, double share) => values.Count == 0 ? "" : Invariant($"{values[(int)(share * (values.Count - 1))]:G4}");
    }
}
