using Unlearn.Cli.Images;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Loading;

/// <summary>Reads the data of a command, whatever they are.</summary>
internal static class DataLoader
{
    /// <summary>Reads the data.</summary>
    /// <exception cref="UsageException">No data are named, or settings do not go together.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="InvalidDataException">They are damaged, or do not serve.</exception>
    public static async Task<LoadedData> LoadAsync(SettingValues settings, Screen screen, CancellationToken cancellationToken)
    {
        var path = settings.Text(KnownSettings.Data)
            ?? throw new UsageException("Which data? Name a table or a folder of images: unlearn study train.csv --label income.");
        return ImageFolders.IsImages(path)
            ? ImageLoader.Load(path, settings, screen)
            : await TableLoader.LoadAsync(path, settings, screen, cancellationToken).ConfigureAwait(false);
    }
}
