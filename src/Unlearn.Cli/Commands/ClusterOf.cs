using System.Text.RegularExpressions;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Distributed;
using Unlearn.MLNet;

namespace Unlearn.Cli.Commands;

/// <summary>The database and the folder that a command shares with <c>unlearn worker</c>.</summary>
internal static partial class ClusterOf
{
    /// <summary>What keeps finished trials, in place of a folder's name.</summary>
    public const string Database = "the workers' database";

    private const int LongestName = 40;

    public static string Connection => Environment.GetEnvironmentVariable(KnownSettings.ConnectionVariable) is { Length: > 0 } connection
        ? connection
        : throw new UsageException(
            $"Which database? Set the variable {KnownSettings.ConnectionVariable} to a connection string of PostgreSQL, as in "
            + "Host=db;Database=unlearn;Username=u;Password=p.");

    /// <summary>The cluster of a study or labeling, which has a ledger named after its output folder; <see langword="null"/> if none is asked for.</summary>
    /// <exception cref="UsageException">The model cannot be trained elsewhere, or no database is named.</exception>
    public static TrialCluster? Find(SettingValues settings, LoadedData data, string output)
    {
        if (settings.Text(KnownSettings.Cluster) is not { } folder)
            return null;
        if (!data.Model.TrainsElsewhere)
            throw new UsageException($"--model {data.Model.Name} cannot be given to workers, which know ready-made networks alone: leave out --cluster.");
        var name = NoNameCharacters().Replace(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output))).ToLowerInvariant(), "_");
        return new PostgresCluster(Connection, new BlobFolder(folder)) { Ledger = $"study_{name[..Math.Min(name.Length, LongestName)]}" };
    }

    /// <summary>The cluster that transforms Parquet files; <see langword="null"/> if none is asked for.</summary>
    /// <exception cref="UsageException">No database is named.</exception>
    public static PostgresCluster? OfParts(SettingValues settings) =>
        settings.Text(KnownSettings.Cluster) is { } folder ? new(Connection, new BlobFolder(folder)) : null;

    [GeneratedRegex("[^a-z0-9_]")]
    private static partial Regex NoNameCharacters();
}
