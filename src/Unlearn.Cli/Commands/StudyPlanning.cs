using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>Makes a study's plan of what is set.</summary>
internal static class StudyPlanning
{
    /// <summary>Checks what can be checked before data are read.</summary>
    /// <exception cref="UsageException">Something does not go together.</exception>
    public static void Check(SettingValues settings)
    {
        _ = settings.Size;
        if (settings.Has(KnownSettings.Unlearners) && UnlearnerNames.Refusal(string.Join(',', settings.List(KnownSettings.Unlearners))) is { } refusal)
            throw new UsageException(refusal);
        if (settings.Integer(KnownSettings.SingleRows) is > 0 and < SingleRowOptions.FewestRows)
            throw new UsageException($"--single-rows must be 0, or at least {SingleRowOptions.FewestRows}.");
        if (settings.Integer(KnownSettings.ReferenceModels) is > 0 and < 4)
            throw new UsageException("--reference-models must be 0, or at least 4.");
        if (settings.Integer(KnownSettings.AuditModels) is > 0 and < 4)
            throw new UsageException("--audit-models must be 0, or at least 4.");
        if (settings.Integer(KnownSettings.Trials) % 2 == 1)
            throw new UsageException("--trials must be an even number: half of them make up each half.");
    }

    /// <summary>The unlearners by name.</summary>
    public static IReadOnlyList<IUnlearner> Unlearners(SettingValues settings, LoadedData data) => UnlearnerNames.Find(settings.Has(KnownSettings.Unlearners)
        ? string.Join(',', settings.List(KnownSettings.Unlearners))
        : data.Model.Unlearners ?? (settings.Size == StudySize.Full ? UnlearnerNames.Seven : UnlearnerNames.Three));

    /// <summary>Whether approximate unlearners are calibrated.</summary>
    public static bool IsCalibrated(SettingValues settings) =>
        settings.Text(KnownSettings.Calibration)?.Equals("no", StringComparison.OrdinalIgnoreCase) != true;

    private static readonly BySize<string> Suffix = new("-short", "", "-full");

    /// <summary>The output folder.</summary>
    public static string Output(SettingValues settings, LoadedData data, string kind) =>
        settings.Text(KnownSettings.Output)
        ?? $"{TableLoader.Name(settings.Text(KnownSettings.Data)!)}-{data.Model.Name}{kind}{Suffix.Of(settings.Size)}-out";

    public static StudyPlan Plan(SettingValues settings, LoadedData data)
    {
        var seed = settings.Integer(KnownSettings.Seed) ?? 1;
        return new()
        {
            Data = data.Rows,
            Recipe = data.Recipe,
            Unlearners = [.. Unlearners(settings, data).Select(unlearner =>
                new UnlearnerPlan { Unlearner = unlearner, Trials = settings.Integer(KnownSettings.Trials) ?? TrialCounts.Of(unlearner).Of(settings.Size) })],
            Factors = data.Model.Factors(data.Input),
            ReferenceModels = settings.Integer(KnownSettings.ReferenceModels) ?? 0,
            Hardness = TrainerNames.Options((settings.Text(KnownSettings.Trainer) ?? TrainerNames.FastTree).ToLowerInvariant(), seed),
            SingleRows = settings.Integer(KnownSettings.SingleRows) ?? 0,
            SingleRowUnlearners = ["FT", "NegGrad+"],
            Seed = seed,
            Workers = settings.Integer(KnownSettings.Workers) ?? Environment.ProcessorCount,
            RetryFailed = settings.Flag(KnownSettings.RetryFailed),
            IsCalibrated = IsCalibrated(settings),
            Output = Output(settings, data, ""),
            Cluster = ClusterOf.Find(settings, data, Output(settings, data, "")),
        };
    }
}
