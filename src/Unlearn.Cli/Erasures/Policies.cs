using Unlearn.Cli.Settings;
using Unlearn.MLNet;

namespace Unlearn.Cli.Erasures;

/// <summary>What is accepted of erasures, as it is set.</summary>
internal static class Policies
{
    public static ErasurePolicy Of(SettingValues settings)
    {
        var policy = new ErasurePolicy();
        return policy with
        {
            Tolerance = settings.Number(KnownSettings.Tolerance),
            Confidence = settings.Number(KnownSettings.Confidence) ?? policy.Confidence,
            LargestAccuracyLoss = settings.Number(KnownSettings.AccuracyLoss) ?? policy.LargestAccuracyLoss,
            Methods = settings.Has(KnownSettings.Methods) ? settings.List(KnownSettings.Methods) : null,
            LeadTime = settings.Number(KnownSettings.LeadDays) is { } days ? TimeSpan.FromDays(days) : policy.LeadTime,
            AuditModels = settings.Integer(KnownSettings.AuditModels) ?? policy.AuditModels,
        };
    }
}
