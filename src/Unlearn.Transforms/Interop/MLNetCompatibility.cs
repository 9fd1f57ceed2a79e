using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Microsoft.ML;

namespace Unlearn.Transforms.Interop;

/// <summary>
/// Whether the Microsoft.ML of this process has all that this assembly was compiled against, internals included. Without the check, another version
/// would fail at the first use of what it lacks: when a model is saved, hours after it was begun.
/// </summary>
internal static class MLNetCompatibility
{
    private static readonly Lazy<Exception?> FirstGap = new(FindFirstGap);

    /// <exception cref="NotSupportedException">Something is missing; the message names it, both versions and the cure.</exception>
    public static void Check()
    {
        if (FirstGap.Value is not { } gap)
            return;
        var own = typeof(MLNetCompatibility).Assembly;
        var wanted = own.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => entry.Key == "MicrosoftMLVersion").Value;
        throw new NotSupportedException(
            $"Unlearn.Transforms {VersionOf(own)} needs Microsoft.ML {wanted}, but Microsoft.ML {VersionOf(typeof(MLContext).Assembly)} is loaded, "
            + $"which lacks a part that it uses: {gap.Message} Reference Microsoft.ML {wanted}.", gap);
    }

    private static unsafe Exception? FindFirstGap()
    {
        var assembly = typeof(MLNetCompatibility).Assembly;
        if (!assembly.TryGetRawMetadata(out var content, out var length))
            return null;
        var metadata = new MetadataReader(content, length);
        var types = metadata.TypeReferences.Where(type => IsOfMLNet(metadata, type)).ToHashSet();
        var members = metadata.MemberReferences.Where(member => metadata.GetMemberReference(member).Parent is { Kind: HandleKind.TypeReference } parent
            && types.Contains((TypeReferenceHandle)parent));
        try
        {
            foreach (var type in types)
                _ = assembly.ManifestModule.ResolveType(MetadataTokens.GetToken(type));
            foreach (var member in members)
                _ = assembly.ManifestModule.ResolveMember(MetadataTokens.GetToken(member));
            return null;
        }
        catch (Exception gap) when (gap is TypeLoadException or MissingMemberException)
        {
            return gap;
        }
    }

    private static bool IsOfMLNet(MetadataReader metadata, TypeReferenceHandle type) => metadata.GetTypeReference(type).ResolutionScope switch
    {
        { Kind: HandleKind.TypeReference } outer => IsOfMLNet(metadata, (TypeReferenceHandle)outer),
        { Kind: HandleKind.AssemblyReference } assembly =>
            metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)assembly).Name).StartsWith("Microsoft.ML", StringComparison.Ordinal),
        _ => false,
    };

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
