using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Unlearn.Distributed.Blobs;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Distributed.Plans;

/// <summary>Puts plans, and what their trials share, where workers find them.</summary>
internal static class PlanPublisher
{
    /// <summary>Publishes plans. What the store has is not written again.</summary>
    /// <returns>Hash of the blob that describes them.</returns>
    /// <exception cref="NotSupportedException">The target cannot be saved.</exception>
    public static string Publish(IBlobStore blobs, string ledger, TrialSetting setting, IReadOnlyList<TrialPlan> plans, TrialRunnerOptions options)
    {
        var document = new TrialsDocument
        {
            CodeVersion = TrialSpec.CodeVersion,
            Torch = SameVersions.Torch,
            Ledger = ledger,
            Setting = Publish(blobs, setting),
            Retries = options.Retries,
            RetryDelay = options.RetryDelay,
            Plans = [.. plans.Select(plan => Describe(plan, setting))],
        };
        return Put(blobs, document);
    }

    /// <summary>SHA-256 of what a target says of its rows, bit for bit.</summary>
    public static string Hash(IReadOnlyList<float> answers) =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(answers as float[] ?? [.. answers])));

    private static string Publish(IBlobStore blobs, TrialSetting setting) => Put(blobs, new SettingDocument
    {
        Recipe = StoredRecipe.Of(setting.Recipe),
        TargetSeed = setting.TargetSeed,
        Rows = blobs.Put(stream => StoredRows.Write(setting.Rows, stream)),
        TestRows = setting.TestRows is { } test ? blobs.Put(stream => StoredRows.Write(test, stream)) : null,
        Target = blobs.Put(stream => StoredTarget.Write(setting.Target, stream)),
        Answers = Hash(setting.TargetLogitConfidences),
    });

    private static TrialsDocument.PlanOfUnlearner Describe(TrialPlan plan, TrialSetting setting) => new()
    {
        Unlearner = StoredUnlearner.Of(setting.Unlearners.First(unlearner => unlearner.Name == plan.Unlearner)),
        Context = plan.Context.Hash,
        Rows = ReferenceEquals(plan.Deal.Ids, setting.Rows.Ids) || plan.Deal.Ids.SequenceEqual(setting.Rows.Ids)
            ? null
            : Positions(plan.Deal.Ids, setting.Rows.Ids),
        Trials = plan.Deal.Trials,
        GroupSize = plan.Deal.GroupSize,
        Seed = plan.Deal.Seed,
    };

    private static int[] Positions(IReadOnlyList<string> ids, IReadOnlyList<string> all)
    {
        var positions = all.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
        return [.. ids.Select(id => positions[id])];
    }

    private static string Put<T>(IBlobStore blobs, T document) => blobs.Put(stream => JsonSerializer.Serialize(stream, document));
}
